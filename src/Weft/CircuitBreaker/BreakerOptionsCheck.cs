using Weft.Options;
using Weft.Options.Schema;

namespace Weft.CircuitBreaker;

/// <summary>Checks options that come by themselves, by the rules that hold for them in a file.</summary>
internal static class BreakerOptionsCheck
{
    /// <summary>Throws when anything is wrong, with all that is: which value, what is allowed, what to do.</summary>
    public static void ThrowIfInvalid(CircuitBreakerOptions options, string parameter)
    {
        ArgumentNullException.ThrowIfNull(options, parameter);
        var checking = new Checking(new WeftOptions());
        // Around belongs to calls of services; in a pipeline the place of the strategy says it.
        PolicyKeys.Breaker.Check(options with { Around = CircuitBreakerAround.Attempt }, OptionsPath.Root.Key("breaker"), checking);
        if (checking.Problems.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, checking.Problems), parameter);
    }
}
