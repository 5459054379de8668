using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>One reading of a tree into options: collects the problems and knows what only the host can give.</summary>
/// <param name="hostValue">Gives the value of <c>config://Section:Key</c>; null when there is no host.</param>
internal sealed class Reader(Func<string, string?>? hostValue)
{
    public const string HostPrefix = "config://";

    private readonly List<OptionsProblem> _problems = [];
    private readonly List<Node> _hidden = [];
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    public IReadOnlyList<OptionsProblem> Problems => _problems;

    /// <summary>Nodes whose text could be a secret and is never shown.</summary>
    public IReadOnlyList<Node> Hidden => _hidden;

    public void Report(EventCode code, OptionsPath path, Node at, string message)
    {
        _problems.Add(new(code, path.ToString(), Shown(at), message) { Place = at.Place });
        MarkUnread(path);
    }

    /// <summary>Notes that the value at <paramref name="path"/> was written but is not in the options.</summary>
    public void MarkUnread(OptionsPath path) => _unread.Add(path.ToString());

    /// <summary>Notes that the section at <paramref name="path"/> says something that was not understood.</summary>
    public void MarkIncomplete(OptionsPath path) => _incomplete.Add(path.ToString());

    /// <summary>Notes that nothing below may be shown.</summary>
    public void Hide(Node node)
    {
        if (node.Kind == NodeKind.Scalar)
            _hidden.Add(node);
        foreach (var item in node.Items)
            Hide(item);
        foreach (var entry in node.Entries)
            Hide(entry.Value);
    }

    /// <summary>True when a problem of the options is only the shadow of something that could not be read.</summary>
    public bool Explains(OptionsProblem problem) =>
        _unread.Any(path => OptionsPath.IsAtOrBelow(problem.Path, path))
        || (problem.IsAbsence && _unread.Any(path => OptionsPath.IsAtOrBelow(path, problem.Path)))
        || (problem.IsAbsence && _incomplete.Any(path => OptionsPath.IsAtOrBelow(problem.Path, path)));

    /// <summary>The text of a scalar; false, and reported, when it is none or cannot be had.</summary>
    public bool TryText(Node node, OptionsPath path, Shape shape, out string text)
    {
        text = node.Text;
        var isReference = node.Text.StartsWith(SecretReference.Prefix, StringComparison.Ordinal);
        // A map may have been meant for keys that hold secrets elsewhere.
        if (node.Kind == NodeKind.Map || (shape.IsSecret && !isReference))
            Hide(node);
        if (node.Kind != NodeKind.Scalar)
            Report(ProblemCodes.WrongShape, path, node, $"{path} is {node.Noun}; it takes {shape.Kind}.");
        else if (node.IsHole)
            MarkUnread(path);
        else if (node.IsNull)
            Report(ProblemCodes.WrongShape, path, node, $"{path} is empty; it takes {shape.Kind}. Give a value or remove the key.");
        else if (!text.StartsWith(HostPrefix, StringComparison.Ordinal) || shape is HostReference)
            return true;
        else if (hostValue is null)
            Report(ProblemCodes.HostValue, path, node, $"{path} is {text}, but there is no host with a configuration to look it up in. Use ${{VARIABLE}}, or host Weft in an app.");
        else if (hostValue(text[HostPrefix.Length..]) is { } found)
        {
            text = found;
            return true;
        }
        else
            Report(ProblemCodes.HostValue, path, node, $"{path} is {text}, which the configuration of the host does not have.");
        return false;
    }

    /// <summary>The value of a node as it may be shown; null when it has none or it may not.</summary>
    public string? Shown(Node node) => node.Kind != NodeKind.Scalar || _hidden.Contains(node) ? null : DisplayText.Of(node.Written ?? node.Text);
}
