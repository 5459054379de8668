using Weft.Options.Schema;

namespace Weft.Options;

/// <summary>Checks options, from a file or made in C#, as one whole. The same checks hold for both.</summary>
public static class OptionsValidator
{
    /// <summary>Everything that is wrong, in the order of the options; empty when nothing is.</summary>
    /// <param name="options">What to check. Parts that are switched off are checked too.</param>
    /// <param name="handlers">The names of the handlers that the program registers; null when they are not known, which leaves names of handlers unchecked.</param>
    public static IReadOnlyList<OptionsProblem> Validate(WeftOptions options, IReadOnlyCollection<string>? handlers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var checking = new Checking(options, handlers);
        WeftSchema.Root.Check(options, OptionsPath.Root, checking);
        return checking.Problems;
    }

    /// <summary>Throws when anything is wrong.</summary>
    /// <param name="options">What to check.</param>
    /// <param name="handlers">As for <see cref="Validate"/>.</param>
    /// <exception cref="WeftConfigurationException">The options cannot be met; the text lists every problem.</exception>
    public static void ThrowIfInvalid(WeftOptions options, IReadOnlyCollection<string>? handlers = null)
    {
        var problems = Validate(options, handlers);
        if (problems.Any(p => p.Severity == ProblemSeverity.Error))
            throw new WeftConfigurationException(string.Join(Environment.NewLine, problems));
    }
}
