using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

/// <summary>The functions on UTF-8 give what simple ones on arrays of code points give, for texts of all widths and lengths.</summary>
public sealed class TextModelTests
{
    private static readonly string[] s_alphabet = ["a", "a", "a", "b", "é", "€", "😀", "\u0301"];

    private readonly Random _random = new(20261123);
    private readonly LibraryCalls _calls = new(new CelLimits { MaxBytes = long.MaxValue, MaxSteps = long.MaxValue });

    [Fact]
    public void Agree_with_a_model_on_code_points()
    {
        for (var round = 0; round < 5000; round++)
        {
            string[] text = Text(40), sought = _random.Next(2) == 0 ? Text(3) : Part(text);
            string whole = string.Concat(text), part = string.Concat(sought);
            var index = _random.Next(text.Length + 1);
            var end = _random.Next(index, text.Length + 1);

            Check(Int(First(text, sought, 0)), "indexOf", whole, part);
            Check(Int(First(text, sought, index)), "indexOf", whole, part, index);
            Check(Int(Last(text, sought, text.Length)), "lastIndexOf", whole, part);
            Check(Int(Last(text, sought, index)), "lastIndexOf", whole, part, index);
            Check(Quoted(text[index..end]), "substring", whole, index, end);
            Check(Quoted(text[index..]), "substring", whole, index);
            Check(Quoted(text[index..Math.Min(index + 1, text.Length)]), "charAt", whole, index);
            Check("error Argument", "charAt", whole, text.Length + 1);
            Check(Quoted([.. text.Reverse()]), "reverse", whole);
            if (part.Length == 0)
                continue;
            // With a separator that is not empty the names of .NET mean the same, code units or not.
            Check($"'{whole.Replace(part, "<>", StringComparison.Ordinal)}'", "replace", whole, part, "<>");
            Check($"[{string.Join(", ", whole.Split(part).Select(p => $"'{p}'"))}]", "split", whole, part);
            if (index > 0)
                Check($"[{string.Join(", ", whole.Split(part, index).Select(p => $"'{p}'"))}]", "split", whole, part, index);
        }
    }

    private static string Int(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Quoted(string[] text) => $"'{string.Concat(text)}'";

    private static int First(string[] text, string[] sought, int from)
    {
        for (var i = from; i + sought.Length <= text.Length; i++)
        {
            if (text.AsSpan(i, sought.Length).SequenceEqual(sought))
                return i;
        }
        return -1;
    }

    private static int Last(string[] text, string[] sought, int from)
    {
        for (var i = Math.Min(from, text.Length - sought.Length); i >= 0; i--)
        {
            if (text.AsSpan(i, sought.Length).SequenceEqual(sought))
                return i;
        }
        return -1;
    }

    private string[] Text(int length) => [.. Enumerable.Range(0, _random.Next(length + 1)).Select(_ => s_alphabet[_random.Next(s_alphabet.Length)])];

    private string[] Part(string[] text)
    {
        var start = _random.Next(text.Length + 1);
        return text[start.._random.Next(start, text.Length + 1)];
    }

    private void Check(string expected, string name, params object[] arguments)
    {
        _calls.Frame.Reset();
        var actual = _calls.Show(name, arguments);
        Assert.True(expected == actual, $"{name}({string.Join(", ", arguments)}) gave {actual} instead of {expected}.");
    }
}
