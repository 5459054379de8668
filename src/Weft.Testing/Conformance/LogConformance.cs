using Weft.Flows;
using Weft.Options;

namespace Weft.Testing;

/// <summary>
/// What every <see cref="IMessageLog"/> must do, as named checks. A test project runs each name as one test case, with a
/// fixture of its own.
/// </summary>
public static class LogConformance
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>All checks, those included that will be skipped for lack of a capability.</summary>
    public static IReadOnlyList<LogCheck> Checks { get; } =
    [
        .. AppendChecks.All,
        .. ReadChecks.All,
        .. WaitChecks.All,
        .. TransactionChecks.All,
        .. ScheduleChecks.All,
        .. SubscriptionChecks.All,
        .. ParkingChecks.All,
        .. TrimChecks.All,
        .. LifetimeChecks.All,
    ];

    /// <summary>Runs one check on a new log. Takes at most a minute.</summary>
    /// <param name="name">The <see cref="LogCheck.Name"/>.</param>
    /// <param name="fixture">Disposed by the caller.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ConformanceException">The log does not do what the check says.</exception>
    /// <exception cref="ConformanceSkippedException">The log or the fixture lacks a capability.</exception>
    public static async Task RunAsync(string name, ILogFixture fixture, CancellationToken cancellation)
    {
        var check = Checks.FirstOrDefault(c => c.Name == name)
            ?? throw new ArgumentException($"There is no check '{name}'; {nameof(Checks)} has them all.", nameof(name));
        SkipUnless(fixture.Capabilities.Reopen, check, LogNeeds.Reopen);
        SkipUnless(fixture.Capabilities.Crash, check, LogNeeds.Crash);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var log = await fixture.CreateAsync(limit.Token).ConfigureAwait(false);
        var context = new LogCheckContext(fixture, log, limit.Token);
        await using (context.ConfigureAwait(false))
        {
            var can = log.Capabilities;
            SkipUnless(can.Replay, check, LogNeeds.Replay);
            SkipUnless(can.Transactions, check, LogNeeds.Transactions);
            SkipUnless(can.Browse, check, LogNeeds.Browse);
            SkipUnless(can.Durability != Durability.Memory, check, LogNeeds.Durability);
            try
            {
                await check.Body(context).WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (ConformanceException e)
            {
                throw new ConformanceException($"{check.Name}: {check.Promise} {e.Message}", e);
            }
            catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new ConformanceException($"{check.Name}: {check.Promise} It did not end within {Limit.TotalSeconds} s.", e);
            }
        }
    }

    private static void SkipUnless(bool has, LogCheck check, LogNeeds need)
    {
        if (!has && check.Needs.HasFlag(need))
            throw new ConformanceSkippedException(need.ToString());
    }
}

/// <summary>One thing that a log must do.</summary>
public sealed class LogCheck
{
    internal LogCheck(string name, string promise, Func<LogCheckContext, Task> body, LogNeeds needs = LogNeeds.None) =>
        (Name, Promise, Body, Needs) = (name, promise, body, needs);

    /// <summary>A stable name of lower-case words and underscores.</summary>
    public string Name { get; }

    /// <summary>What is promised, as a sentence.</summary>
    public string Promise { get; }

    /// <summary>The capabilities without which it is skipped.</summary>
    public LogNeeds Needs { get; }

    internal Func<LogCheckContext, Task> Body { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>Capabilities of a log or a fixture.</summary>
[Flags]
public enum LogNeeds
{
    /// <summary>None; every log must pass.</summary>
    None = 0,

    /// <summary><see cref="LogCapabilities.Replay"/>.</summary>
    Replay = 1,

    /// <summary><see cref="LogCapabilities.Transactions"/>.</summary>
    Transactions = 2,

    /// <summary><see cref="LogCapabilities.Browse"/>.</summary>
    Browse = 4,

    /// <summary><see cref="LogCapabilities.Durability"/> is more than <see cref="Durability.Memory"/>.</summary>
    Durability = 8,

    /// <summary><see cref="LogFixtureCapabilities.Reopen"/>.</summary>
    Reopen = 16,

    /// <summary><see cref="LogFixtureCapabilities.Crash"/>.</summary>
    Crash = 32,
}
