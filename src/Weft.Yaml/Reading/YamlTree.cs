using Weft.Diagnostics;
using Weft.Options;
using Weft.Options.Schema;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Weft.Yaml.Reading;

/// <summary>
/// Reads one YAML document from parser events into a tree with places. The parser's own node model is not used: it loses the places of
/// aliases and ends, and overflows the stack on deep files. A text that is no YAML gives one problem, since a parser cannot go on after it.
/// </summary>
internal sealed class YamlTree
{
    private readonly string _file;
    private readonly string[] _lines;
    private readonly ReadSettings _settings;
    private readonly Variables _variables;
    private readonly List<OptionsProblem> _problems;
    private readonly Parser _parser;
    private readonly Dictionary<string, (Node Node, long Size)> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<OptionsPlace> _openFlows = new();
    private Mark _good = Mark.Empty;
    private long _count;
    private int _depth;

    private YamlTree(string file, string text, ReadSettings settings, Variables variables, List<OptionsProblem> problems)
    {
        _file = file;
        _lines = text.Split('\n');
        _settings = settings;
        _variables = variables;
        _problems = problems;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The tree of a document; null when it could not be read, which was reported, and for an empty one.</summary>
    public static Node? Read(string file, string text, ReadSettings settings, Variables variables, List<OptionsProblem> problems)
    {
        var tree = new YamlTree(file, text, settings, variables, problems);
        try
        {
            return tree.ReadStream();
        }
        catch (YamlProblemException e)
        {
            problems.Add(e.Problem);
        }
        catch (YamlException e)
        {
            problems.Add(tree.NotYaml(tree.At(e.Start, e.Start), e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or NullReferenceException or OverflowException)
        {
            // Known of the parser: some texts, such as a flow collection that is not closed, end in an exception without a place.
            problems.Add(tree.NotYaml(tree.At(tree._good, tree._good), "what follows cannot be read"));
        }
        return null;
    }

    private Node? ReadStream()
    {
        Next<StreamStart>();
        Move();
        if (_parser.Current is StreamEnd)
            return null;
        Next<DocumentStart>(moved: true);
        Move();
        var node = ReadNode(isKey: false);
        Next<DocumentEnd>();
        Move();
        if (_parser.Current is DocumentStart second)
            throw Problem(ProblemCodes.SeveralDocuments, second, "A second document begins here; a file holds one. Put it in a file of its own and name that in include.");
        return node;
    }

    /// <summary>Reads the node that begins at the current event, and stays at its last event.</summary>
    private Node ReadNode(bool isKey)
    {
        if (++_count > _settings.MaxNodes)
            throw Problem(ProblemCodes.TooManyNodes, Current, $"The file has more than {_settings.MaxNodes} values, counting what aliases stand for. Split it, or use fewer aliases.");
        var before = _count - 1;
        var node = Current switch
        {
            AnchorAlias alias => ReadAlias(alias),
            Scalar scalar => ReadScalar(scalar, isKey),
            SequenceStart list => ReadNested(list, list.Style == SequenceStyle.Flow, ReadList),
            MappingStart map => ReadNested(map, map.Style == MappingStyle.Flow, ReadMap),
            var other => throw Problem(ProblemCodes.Syntax, other, "The text is not YAML here: a value is missing."),
        };
        return node;

        Node ReadNested(NodeEvent start, bool isFlow, Func<NodeEvent, Node> read)
        {
            RefuseTag(start);
            if (++_depth > _settings.MaxDepth)
                throw Problem(ProblemCodes.TooDeep, start, $"Maps and lists are nested more than {_settings.MaxDepth} deep here.");
            if (isFlow)
                _openFlows.Push(At(start.Start, start.End));
            var nested = read(start);
            if (isFlow)
                _openFlows.Pop();
            _depth--;
            Remember(start, nested, _count - before);
            return nested;
        }
    }

    private Node ReadScalar(Scalar scalar, bool isKey)
    {
        RefuseTag(scalar);
        var node = new Node(NodeKind.Scalar, At(scalar.Start, scalar.End))
        {
            Text = scalar.Value,
            Style = scalar.Style == ScalarStyle.Plain ? NodeStyle.Plain : NodeStyle.Text,
        };
        if (!isKey)
            node = _variables.Fill(node);
        Remember(scalar, node, 1);
        return node;
    }

    private Node ReadAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var known))
            throw Problem(ProblemCodes.UnknownAlias, alias, $"The alias *{DisplayText.Of(alias.Value.Value)} has no anchor before it. Defined: {(_anchors.Count == 0 ? "none" : string.Join(", ", _anchors.Keys.Select(a => "&" + DisplayText.Of(a))))}.");
        _count += known.Size - 1;
        if (_count > _settings.MaxNodes)
            throw Problem(ProblemCodes.TooManyNodes, alias, $"With this alias the file has more than {_settings.MaxNodes} values. Use fewer aliases.");
        if (_depth + Depth(known.Node) > _settings.MaxDepth)
            throw Problem(ProblemCodes.TooDeep, alias, $"With this alias maps and lists are nested more than {_settings.MaxDepth} deep.");
        return known.Node;
    }

    private static int Depth(Node node) => node.Kind switch
    {
        NodeKind.List => 1 + node.Items.Select(Depth).DefaultIfEmpty().Max(),
        NodeKind.Map => 1 + node.Entries.Select(e => Depth(e.Value)).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private Node ReadList(NodeEvent start)
    {
        var items = new List<Node>();
        for (Move(); Current is not SequenceEnd; Move())
        {
            RefuseTab(Current);
            items.Add(ReadNode(isKey: false));
        }
        return new Node(NodeKind.List, Whole(start)) { Items = items };
    }

    private Node ReadMap(NodeEvent start)
    {
        var entries = new List<Entry>();
        var merged = new List<Node>();
        var seen = new Dictionary<string, OptionsPlace>(StringComparer.Ordinal);
        for (Move(); Current is not MappingEnd; Move())
        {
            RefuseTab(Current);
            if (Current is not Scalar)
                throw Problem(ProblemCodes.KeyNotText, Current, "A key is a plain text here, not a list, a map or an alias.");
            var key = ReadNode(isKey: true);
            Move();
            var value = ReadNode(isKey: false);
            if (key is { Text: "<<", Style: NodeStyle.Plain })
                merged.AddRange(MergeSources(key, value));
            else if (seen.TryAdd(key.Text, key.Place))
                entries.Add(new(key, value));
            else
                _problems.Add(new(ProblemCodes.DuplicateKey, "", DisplayText.Of(key.Text), $"The key '{DisplayText.Of(key.Text)}' stands twice in one map; first at {seen[key.Text]}. Keep one.") { Place = key.Place });
        }
        // What a map says itself wins over what it merges, and the first source over later ones.
        entries.AddRange(merged.SelectMany(m => m.Entries).Where(e => seen.TryAdd(e.Key.Text, e.Key.Place)));
        return new Node(NodeKind.Map, Whole(start)) { Entries = entries };
    }

    private IEnumerable<Node> MergeSources(Node key, Node value)
    {
        var sources = value.Kind == NodeKind.List ? value.Items : [value];
        if (sources.All(s => s.Kind == NodeKind.Map))
            return sources;
        _problems.Add(new(ProblemCodes.MergeKey, "", "<<", "'<<' takes an alias of a map, or a list of such aliases.") { Place = key.Place });
        return [];
    }

    private void Remember(NodeEvent at, Node node, long size)
    {
        if (!at.Anchor.IsEmpty)
            _anchors[at.Anchor.Value] = (node, size);
    }

    private void RefuseTag(NodeEvent at)
    {
        if (!at.Tag.IsEmpty && !at.Tag.IsNonSpecific)
            throw Problem(ProblemCodes.Tag, at, $"The tag {DisplayText.Of(at.Tag.Value)} has no meaning here. Remove it.");
    }

    /// <summary>YAML forbids tabs as indentation; the parser takes some silently and then reads another structure than is seen.</summary>
    private void RefuseTab(ParsingEvent at)
    {
        var (line, column) = ((int)at.Start.Line, (int)at.Start.Column);
        if (line < 1 || line > _lines.Length)
            return;
        var before = _lines[line - 1].AsSpan(0, Math.Clamp(column - 1, 0, _lines[line - 1].Length));
        if (before.Contains('\t') && before.Trim("- \t").IsEmpty)
            throw new YamlProblemException(TabAt(line, before.IndexOf('\t') + 1));
    }

    private OptionsProblem TabAt(int line, int column) =>
        new(ProblemCodes.Tab, "", null, "This line is indented with a tab. Indent with spaces.") { Place = new(_file, line, column, line, column + 1) };

    private ParsingEvent Current => _parser.Current!;

    private void Move()
    {
        if (_parser.Current is not null)
            _good = _parser.Current.End;
        if (!_parser.MoveNext())
            throw new YamlProblemException(NotYaml(At(_good, _good), "the file ends too early"));
    }

    private void Next<T>(bool moved = false) where T : ParsingEvent
    {
        if (!moved)
            Move();
        if (_parser.Current is not T)
            throw Problem(ProblemCodes.Syntax, Current, "The text is not YAML here.");
    }

    private OptionsProblem NotYaml(OptionsPlace place, string why)
    {
        // The parser names the start of the map that a tab is in, which may be far above it.
        var isTab = why.Contains("tab", StringComparison.Ordinal);
        for (var line = isTab ? 1 : place.Line; line <= (isTab ? _lines.Length : Math.Min(place.Line + 1, _lines.Length)); line++)
        {
            var indent = _lines[line - 1].AsSpan(0, _lines[line - 1].Length - _lines[line - 1].AsSpan().TrimStart().Length);
            if (indent.Contains('\t'))
                return TabAt(line, indent.IndexOf('\t') + 1);
        }
        var hint = why.Contains("quoted scalar", StringComparison.Ordinal) ? " A quote that opens a text before here is not closed."
            : _openFlows.Count == 0 ? "" : $" The bracket at {_openFlows.Peek()} is not closed, or a text within it has one of , [ ] {{ }} and needs quotes.";
        return new(ProblemCodes.Syntax, "", null, $"The text is not YAML here: {char.ToLowerInvariant(why[0])}{why[1..].TrimEnd('.')}.{hint}") { Place = place };
    }

    private YamlProblemException Problem(EventCode code, ParsingEvent at, string message) => new(new(code, "", null, message) { Place = At(at.Start, at.End) });

    /// <summary>From the start of a collection to its end, where the parser is; it gives the end of a flow collection without its bracket.</summary>
    private OptionsPlace Whole(NodeEvent start)
    {
        var place = At(start.Start, Current.End);
        return start is SequenceStart { Style: SequenceStyle.Flow } or MappingStart { Style: MappingStyle.Flow } && Current.End.Equals(Current.Start)
            ? place with { EndColumn = place.EndColumn + 1 }
            : place;
    }

    private OptionsPlace At(Mark start, Mark end)
    {
        var (line, column) = (Math.Max(1, (int)start.Line), Math.Max(1, (int)start.Column));
        return new(_file, line, column, Math.Max(line, (int)end.Line), Math.Max(1, (int)end.Column));
    }

    /// <summary>Ends the reading of one file.</summary>
    private sealed class YamlProblemException(OptionsProblem problem) : Exception(problem.Message)
    {
        public OptionsProblem Problem { get; } = problem;
    }
}
