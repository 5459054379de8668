using System.Text;

namespace Weft.Expressions.Library;

/// <summary>
/// Writes a regular expression of RE2 as one of .NET over the bytes of UTF-8, as RE2 itself works. Nothing is left to the options and tables of
/// .NET: classes are written out, and so is case.
/// </summary>
/// <remarks>
/// The result is for <see cref="System.Text.RegularExpressions.RegexOptions.NonBacktracking"/> without other options. It counts on well-formed
/// UTF-8.
/// </remarks>
internal sealed class Re2Translator
{
    // A counted repetition is written as many copies of what it repeats; .NET refuses more than 10,000 of its own count.
    private const int MaxSize = 5000;

    private readonly StringBuilder _text = new();
    private readonly Dictionary<CodePointSet, string> _sets = [];

    /// <summary>Translates a pattern.</summary>
    /// <returns>False when it is not one of RE2, or too large; <paramref name="error"/> says what is wrong, where, and what is allowed.</returns>
    public static bool TryTranslate(string pattern, out Re2Translation translation, out string error)
    {
        translation = default;
        var root = Re2Parser.Parse(pattern, out var groups, out error);
        if (root is null)
            return false;
        var translator = new Re2Translator();
        var size = translator.Size(root);
        if (size > MaxSize)
        {
            error = $"The regular expression is too large: with its repetitions written out it has {size} parts, {MaxSize} are allowed.";
            return false;
        }
        translator.Write(root);
        translation = new Re2Translation(translator._text.ToString(), root, groups, (int)size, HasPlace(root, Re2PlaceKind.NoWordBoundary));
        return true;
    }

    private static bool HasPlace(Re2Node node, Re2PlaceKind kind) => node switch
    {
        Re2Place place => place.Kind == kind,
        Re2Sequence sequence => Array.Exists(sequence.Items, i => HasPlace(i, kind)),
        Re2Choice choice => Array.Exists(choice.Items, i => HasPlace(i, kind)),
        Re2Repeat repeat => HasPlace(repeat.Item, kind),
        Re2Group group => HasPlace(group.Item, kind),
        _ => false,
    };

    private long Size(Re2Node node) => node switch
    {
        Re2Set set => Text(set.Set).Count(c => c is '[' or '\\') / 2 + 1,
        Re2Sequence sequence => sequence.Items.Sum(Size),
        Re2Choice choice => choice.Items.Length + choice.Items.Sum(Size),
        Re2Repeat repeat => repeat.Copies * (1 + Size(repeat.Item)),
        Re2Group group => 2 + Size(group.Item),
        _ => 1,
    };

    private string Text(CodePointSet set)
    {
        if (!_sets.TryGetValue(set, out var text))
            _sets[set] = text = Utf8Pattern.IsBroad(set) ? Utf8Pattern.Broad(set) : Utf8Pattern.Of(set);
        return text;
    }

    private void Write(Re2Node node)
    {
        switch (node)
        {
            case Re2Set set:
                _text.Append(Text(set.Set));
                break;
            case Re2Sequence sequence:
                Array.ForEach(sequence.Items, WriteItem);
                break;
            case Re2Choice choice:
                WriteChoice(choice);
                break;
            case Re2Repeat repeat:
                WriteRepeat(repeat);
                break;
            case Re2Group group:
                _text.Append('(');
                Write(group.Item);
                _text.Append(')');
                break;
            case Re2Place place:
                _text.Append(Place(place.Kind));
                break;
        }
    }

    private void WriteItem(Re2Node node)
    {
        if (node is Re2Choice)
            WriteInGroup(node);
        else
            Write(node);
    }

    private void WriteInGroup(Re2Node node)
    {
        _text.Append("(?:");
        Write(node);
        _text.Append(')');
    }

    private void WriteChoice(Re2Choice choice)
    {
        for (var i = 0; i < choice.Items.Length; i++)
        {
            if (i > 0)
                _text.Append('|');
            Write(choice.Items[i]);
        }
    }

    private void WriteRepeat(Re2Repeat repeat)
    {
        // Any number of nearly all code points is any number of their bytes.
        if (repeat is { Min: 0, Max: null, Item: Re2Set { Set: var set } } && Utf8Pattern.IsBroad(set))
            _text.Append(Utf8Pattern.BroadRun(set));
        else
            WriteInGroup(repeat.Item);
        _text.Append((repeat.Min, repeat.Max) switch
        {
            (0, null) => "*",
            (1, null) => "+",
            (0, 1) => "?",
            (var min, null) => $"{{{min},}}",
            var (min, max) when min == max => $"{{{min}}}",
            var (min, max) => $"{{{min},{max}}}",
        });
        if (repeat.IsLazy)
            _text.Append('?');
    }

    private static string Place(Re2PlaceKind kind) => kind switch
    {
        Re2PlaceKind.TextStart => @"\A",
        Re2PlaceKind.TextEnd => @"\z",
        Re2PlaceKind.LineStart => "(?m:^)",
        Re2PlaceKind.LineEnd => "(?m:$)",
        Re2PlaceKind.WordBoundary => @"\b",
        _ => @"\B",
    };
}

/// <summary>A pattern of RE2 as one of .NET.</summary>
/// <param name="Pattern">Over bytes as chars: see <see cref="Utf8Pattern"/>.</param>
/// <param name="Root">What was read.</param>
/// <param name="Groups">How many groups it remembers.</param>
/// <param name="Size">About how many parts it has; what a byte of text costs grows with it in the worst case.</param>
/// <param name="LooksWithin">
/// Whether it has <c>\B</c>, which bytes cannot tell: it would hold between those of one code point. <see cref="Re2Machine"/> can.
/// </param>
internal readonly record struct Re2Translation(string Pattern, Re2Node Root, int Groups, int Size, bool LooksWithin);
