using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>One check of options: collects the problems and knows the whole, for references.</summary>
/// <param name="options">All options.</param>
/// <param name="handlers">The names of the handlers that the program registers; null when they are not known.</param>
/// <param name="shown">How the value at a path is written where that differs from what it is; null when it is not.</param>
internal sealed class Checking(WeftOptions options, IReadOnlyCollection<string>? handlers = null, Func<OptionsPath, string?>? shown = null)
{
    private readonly List<OptionsProblem> _problems = [];

    public WeftOptions Options => options;

    public IReadOnlyCollection<string>? Handlers => handlers;

    public IReadOnlyList<OptionsProblem> Problems => _problems;

    /// <summary>The paths of the problems, in step with <see cref="Problems"/>.</summary>
    public List<OptionsPath> Paths { get; } = [];

    /// <summary>The key whose value is being checked.</summary>
    public IKey? Key { get; set; }

    /// <summary>True inside something that is switched off.</summary>
    public bool IsOff { get; set; }

    /// <summary>How the value at <paramref name="path"/> may be shown.</summary>
    public string Shown(OptionsPath path, string value) => DisplayText.Of(shown?.Invoke(path) ?? value);

    public void Report(EventCode code, OptionsPath path, string? value, string message) =>
        Add(path, new(code, path.ToString(), value, message));

    /// <summary>Reports that <paramref name="path"/> must be said and is not.</summary>
    public void ReportAbsence(EventCode code, OptionsPath path, string message) =>
        Add(path, new(code, path.ToString(), null, message) { IsAbsence = true });

    /// <summary>Reports what holds as it is said, and is surely not meant so.</summary>
    public void Warn(EventCode code, OptionsPath path, string message) =>
        Add(path, new(code, path.ToString(), null, message) { Severity = ProblemSeverity.Warning });

    /// <summary>Reports a value outside what its key allows: place, value, allowed, default and remedy.</summary>
    /// <param name="path">The place.</param>
    /// <param name="value">The value, as the file would write it.</param>
    /// <param name="allowed">The range.</param>
    /// <param name="hint">What is more likely to help than the remedy of the key; null for that.</param>
    public void ReportRange(OptionsPath path, string value, string allowed, string? hint = null)
    {
        value = Shown(path, value);
        Report(ProblemCodes.OutOfRange, path, value, $"{path} is {value}; allowed {allowed}{Default}.{(hint is null ? Remedy : " " + hint)}");
    }

    /// <summary>Reports a text that does not have the form its key needs.</summary>
    public void ReportForm(OptionsPath path, string value, string expected, EventCode? code = null)
    {
        value = Shown(path, value);
        Report(code ?? ProblemCodes.WrongForm, path, value, $"{path} is '{value}'; it takes {expected}.{Remedy}");
    }

    /// <summary>Reports what is wrong, or doubtful, within the text of an expression or template.</summary>
    public void ReportExpression(OptionsPath path, Expressions.CelProblem problem) =>
        Add(path, new(ProblemCodes.Expression, path.ToString(), null, $"{path}: {problem.Message}")
        {
            Severity = problem.IsWarning ? ProblemSeverity.Warning : ProblemSeverity.Error,
            Stretch = new TextStretch(problem.Start, problem.Length),
        });

    /// <summary>Takes back problems from the one at <paramref name="from"/> on.</summary>
    /// <param name="from">The first that may be taken back.</param>
    /// <param name="unwanted">Whether one is, given all of them.</param>
    public void Forget(int from, Func<OptionsProblem, IReadOnlyList<OptionsProblem>, bool> unwanted)
    {
        var all = _problems.ToArray();
        for (var i = all.Length - 1; i >= from; i--)
        {
            if (!unwanted(all[i], all))
                continue;
            _problems.RemoveAt(i);
            Paths.RemoveAt(i);
        }
    }

    private string Default => Key?.DefaultText is { } text ? $" (default {text})" : "";

    private string Remedy => Key?.Remedy is { } text ? " " + text : "";

    private void Add(OptionsPath path, OptionsProblem problem)
    {
        _problems.Add(problem);
        Paths.Add(path);
    }
}
