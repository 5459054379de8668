using Weft.Testing;
using Weft.Tests.Flows;

namespace Weft.Tests.Testing;

/// <summary>Every check of the conformance suite sees a log that is broken in the way that the check is for.</summary>
public sealed class BrokenLogTests
{
    private static readonly Dictionary<string, Flaw> s_flaws = new()
    {
        ["append_is_readable"] = Flaw.LosesAppends,
        ["positions_are_dense"] = Flaw.PositionsHaveGaps,
        ["publishers_keep_their_order"] = Flaw.MixesUpMessages,
        ["bytes_come_back"] = Flaw.ChangesBytes,
        ["many_appends_at_once"] = Flaw.DropsWhenBusy,
        ["appended_at_is_the_clock"] = Flaw.IsLateByAnHour,
        ["topics_are_isolated"] = Flaw.MixesTopics,
        ["odd_names"] = Flaw.IgnoresCase,
        ["topic_opened_twice"] = Flaw.NewTopicEachTime,
        ["cancelled_append"] = Flaw.LosesAppends,
        ["read_ends_at_head"] = Flaw.ReadsPastHead,
        ["read_in_pages"] = Flaw.RepeatsEntries,
        ["read_limits"] = Flaw.RepeatsEntries,
        ["large_pages"] = Flaw.StopsAtLarge,
        ["wait_passes_at_once"] = Flaw.WaitsAlways,
        ["wait_wakes"] = Flaw.NeverWakes,
        ["wait_can_be_given_up"] = Flaw.WaitsForEver,
        ["wait_never_misses"] = Flaw.NeverWakes,
        ["transaction_is_one"] = Flaw.WritesBeforeCommit,
        ["transaction_again"] = Flaw.KeepsChanges,
        ["transaction_dropped"] = Flaw.WritesBeforeCommit,
        ["transaction_failed"] = Flaw.KeepsChanges,
        ["transaction_keeps_order"] = Flaw.TurnsChangesRound,
        ["after_commit_in_order"] = Flaw.CommitsLater,
        ["empty_commit"] = Flaw.RefusesEmpty,
        ["settled_by_many"] = Flaw.LosesSettled,
        ["schedule_waits"] = Flaw.ForgetsScheduled,
        ["schedule_release"] = Flaw.ForgetsScheduled,
        ["schedule_release_once"] = Flaw.ReleasesTwice,
        ["schedule_replace"] = Flaw.ForgetsScheduled,
        ["schedule_take_back"] = Flaw.ReleasesTwice,
        ["schedule_crash"] = Flaw.ForgetsAll,
        ["once"] = Flaw.IgnoresOnce,
        ["once_window"] = Flaw.RemembersForEver,
        ["once_many"] = Flaw.IgnoresOnce,
        ["once_transaction"] = Flaw.IgnoresOnce,
        ["once_crash"] = Flaw.IgnoresOnce,
        ["start_new"] = Flaw.StartsAtBeginning,
        ["start_beginning"] = Flaw.StartsAtEnd,
        ["start_time"] = Flaw.StartsAtEnd,
        ["start_only_once"] = Flaw.StartsAgain,
        ["cursor_is_kept"] = Flaw.LosesSettled,
        ["cursor_survives_reopen"] = Flaw.ForgetsAll,
        ["cursor_survives_crash"] = Flaw.ForgetsAll,
        ["settled_twice"] = Flaw.SettlesNextToo,
        ["one_reader"] = Flaw.LetsTwoRead,
        ["one_topic"] = Flaw.NamesPerTopic,
        ["subscriptions_are_independent"] = Flaw.SharesCursors,
        ["has_passed"] = Flaw.SaysPassed,
        ["list_subscriptions"] = Flaw.ListsNothing,
        ["list_shows_when"] = Flaw.ListsNothing,
        ["remove_subscription"] = Flaw.RemovesNothing,
        ["checkpoint"] = Flaw.ForgetsCheckpoint,
        ["checkpoint_survives_crash"] = Flaw.ForgetsAll,
        ["mark_is_kept"] = Flaw.ForgetsMark,
        ["mark_survives_crash"] = Flaw.ForgetsAll,
        ["seek_takes_mark"] = Flaw.SeeksNothing,
        ["seek"] = Flaw.SeeksNothing,
        ["parked_comes_back"] = Flaw.ParksWithoutDetail,
        ["parked_is_replaced"] = Flaw.KeepsFirstParked,
        ["unparked_is_gone"] = Flaw.NeverUnparks,
        ["retries_by_due"] = Flaw.TurnsParkedRound,
        ["parked_by_position"] = Flaw.TurnsParkedRound,
        ["parked_by_key"] = Flaw.IgnoresParkedKey,
        ["parked_keys"] = Flaw.ForgetsKeys,
        ["parked_is_per_subscription"] = Flaw.SharesParked,
        ["parked_survives_reopen"] = Flaw.ForgetsAll,
        ["parked_survives_crash"] = Flaw.ForgetsAll,
        ["parked_outlives_the_log"] = Flaw.TrimTakesParked,
        ["purge_dead"] = Flaw.PurgesAll,
        ["trim_drops_old"] = Flaw.NeverTrims,
        ["trim_spares_unread"] = Flaw.TrimsUnread,
        ["trim_passes_orphans"] = Flaw.HeedsOrphans,
        ["read_passes_over_trimmed"] = Flaw.StopsAtGap,
        ["start_after_trim"] = Flaw.StartsAtEnd,
        ["trimmed_to_nothing"] = Flaw.ForgetsAll,
        ["append_during_trim"] = Flaw.LosesAppends,
        ["messages_survive_reopen"] = Flaw.ForgetsAll,
        ["messages_survive_crash"] = Flaw.ForgetsAll,
        ["crash_among_appends"] = Flaw.ForgetsAll,
        ["crash_splits_no_transaction"] = Flaw.SplitsTransactions,
        ["crash_frees_subscriptions"] = Flaw.StaysOpenAfterCrash,
        ["dispose_ends_waits"] = Flaw.NeverWakes,
        ["dispose_keeps_what_returned"] = Flaw.ForgetsAll,
        ["dispose_twice"] = Flaw.DisposesOnce,
        ["use_after_dispose"] = Flaw.WorksAfterDispose,
    };

    public static TheoryData<string> Checks => [.. LogConformance.Checks.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task A_check_sees_what_it_is_for(string check)
    {
        Assert.True(s_flaws.TryGetValue(check, out var flaw), $"No broken log shows that '{check}' sees anything: add a flaw.");
        var state = new BrokenState();
        await using var fixture = new InMemoryLogFixture(log => new BrokenLog(log, flaw, state), forgets: flaw == Flaw.ForgetsAll);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        var error = await Record.ExceptionAsync(() => LogConformance.RunAsync(check, fixture, limit.Token));
        Assert.True(error is not null and not ConformanceSkippedException, $"'{check}' is content with a log that {flaw}.");
    }

    [Fact]
    public void Every_flaw_is_used() => Assert.Empty(Enum.GetValues<Flaw>().Except(s_flaws.Values));

    // Without it, a check that fails for another reason would look good.
    [Theory]
    [MemberData(nameof(Checks))]
    public async Task A_log_that_only_passes_on_conforms(string check)
    {
        await using var fixture = new InMemoryLogFixture(log => new LogWrapper(log));
        await LogConformance.RunAsync(check, fixture, TestContext.Current.CancellationToken);
    }
}
