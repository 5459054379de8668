using Weft.Flows;

namespace Weft.Tests.Flows;

public sealed class ParkedNotesTests
{
    private static readonly DateTimeOffset s_at = new(2026, 5, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Notes_come_back_as_they_were_written()
    {
        var notes = ParkedNotes.None.With(new(3, s_at, "timeout", null)).With(new(4, s_at.AddSeconds(1), "status-500", "ü \0 'x'"))
            with
        { Edit = new(s_at.AddDays(1), "operator", FlowRig.Numbered(7)) };
        var read = ParkedNotes.Read(notes.Write());
        Assert.Equal(notes.Tries, read.Tries);
        Assert.Equal((notes.Edit!.At, "operator", 7), (read.Edit!.At, read.Edit.By, FlowRig.NumberOf(read.Edit.Original)));
        Assert.True(ParkedNotes.None.Write().IsEmpty);
    }

    [Fact]
    public void Only_the_last_tries_and_the_beginning_of_their_details_are_kept()
    {
        var notes = ParkedNotes.None;
        for (int i = 1; i <= 20; i++)
            notes = ParkedNotes.Read(notes.With(new(i, s_at, "r", new string('x', 5000))).Write());
        Assert.Equal(Enumerable.Range(13, ParkedNotes.MaxTries), notes.Tries.Select(t => t.Attempt));
        Assert.All(notes.Tries, t => Assert.Equal(ParkedNotes.MaxDetail, t.Detail!.Length));
    }

    [Fact]
    public void Damaged_notes_are_none_and_never_an_error()
    {
        byte[] whole = (ParkedNotes.None.With(new(1, s_at, "timeout", "detail")) with { Edit = new(s_at, "me", new((byte[])[1, 2])) }).Write().ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            var cut = whole.AsSpan(0, length).ToArray();
            _ = ParkedNotes.Read(cut);
            for (int i = 0; i < cut.Length; i++)
            {
                byte was = cut[i];
                cut[i] ^= 0xff;
                _ = ParkedNotes.Read(cut);
                cut[i] = was;
            }
        }
        Assert.Same(ParkedNotes.None, ParkedNotes.Read((byte[])[2, 0]));
    }

    [Fact]
    public async Task A_dead_letter_keeps_its_failed_tries_over_retries_restarts_and_replays()
    {
        await using var rig = await FlowRig.StartAsync();
        await rig.AppendAsync("k", 1);
        (await rig.NextAsync()).Answer(Outcome.Retry("timeout", "first"));
        Assert.Equal(["1 timeout first"], await TriesAsync(ParkedState.Retry));
        await rig.CloseAsync();
        await rig.OpenAsync();
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        (await rig.NextAsync()).Answer(Outcome.Dead("status-422", "second"));
        Assert.Equal(["1 timeout first", "2 status-422 second"], await TriesAsync(ParkedState.Dead));

        rig.Source.Replay((await rig.ParkedAsync(ParkedState.Dead))[0]);
        (await rig.NextAsync()).Answer(Outcome.Dead("status-422", "third"));
        Assert.Equal(["1 timeout first", "2 status-422 second", "1 status-422 third"], await TriesAsync(ParkedState.Dead));

        async Task<IEnumerable<string>> TriesAsync(ParkedState state)
        {
            IReadOnlyList<ParkedMessage> parked;
            while ((parked = await rig.ParkedAsync(state)).Count == 0)
                await Task.Yield();
            return ParkedNotes.Read(parked[0].Notes).Tries.Select(t => $"{t.Attempt} {t.Reason} {t.Detail}");
        }
    }
}
