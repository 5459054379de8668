using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Retry;

/// <summary>
/// A retry budget for several pipelines: all callers of one service in a process should share one, so that together they add at most a known share to its load.
/// Each first attempt adds <see cref="RetryBudgetOptions.Ratio"/> of a token, each second <see cref="RetryBudgetOptions.Floor"/> tokens, each repeat takes one; what is
/// saved is at most what <see cref="RetryBudgetOptions.Window"/> puts in, but at least one token where there is a floor. After the token buckets of Finagle and gRPC.
/// Safe for use from many threads.
/// </summary>
public sealed class SharedRetryBudget
{
    private readonly RetryBudget _budget;
    private readonly TimeProvider _time;

    /// <summary>A budget that begins with what the floor saves in a window.</summary>
    /// <param name="options">How much repeats may add; null for the defaults: a tenth, and one in ten seconds.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="WeftConfigurationException">An option is out of its range; the text names it, its value and what is allowed.</exception>
    public SharedRetryBudget(RetryBudgetOptions? options = null, TimeProvider? time = null)
    {
        options ??= new();
        Check(options);
        _time = time ?? TimeProvider.System;
        _budget = new RetryBudget(options, _time);
    }

    /// <summary>How many repeats could be made now, with the part of the next one.</summary>
    public double Available => _budget.Available(Now);

    /// <summary>Takes on new options and keeps what is saved, as far as they allow it.</summary>
    /// <param name="options">How much repeats may add.</param>
    /// <exception cref="WeftConfigurationException">An option is out of its range; nothing is changed.</exception>
    public void Apply(RetryBudgetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        _budget.Apply(options, Now);
    }

    /// <summary>The present timestamp of its clock.</summary>
    internal long Now => _time.GetTimestamp();

    /// <summary>Counts a first attempt, and says when.</summary>
    internal long Deposit()
    {
        var now = Now;
        _budget.Deposit(now);
        return now;
    }

    internal bool TryWithdraw() => _budget.TryWithdraw(Now);

    internal TimeSpan Since(long timestamp) => _time.GetElapsedTime(timestamp);

    private static void Check(RetryBudgetOptions options)
    {
        var checking = new Checking(new WeftOptions());
        PolicyKeys.RetryBudget.Check(options, OptionsPath.Root.Key("budget"), checking);
        if (checking.Problems.Count > 0)
            throw new WeftConfigurationException(string.Join(Environment.NewLine, checking.Problems));
    }
}
