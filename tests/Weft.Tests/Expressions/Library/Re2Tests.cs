using System.Text;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

/// <summary>What patterns of RE2 match, and which are none.</summary>
public sealed class Re2Tests
{
    [Theory]
    // Places.
    [InlineData("^abc$", "abc", true)]
    [InlineData("^abc$", "abc\n", false)]
    [InlineData("^b", "a\nb", false)]
    [InlineData("(?m)^b", "a\nb", true)]
    [InlineData("(?m)a$", "a\nb", true)]
    [InlineData("a$", "a\nb", false)]
    [InlineData(@"\Ab", "a\nb", false)]
    [InlineData(@"(?m)\Ab", "a\nb", false)]
    [InlineData(@"(?m)a\z", "a\nb", false)]
    [InlineData(@"\bfoo\b", "a foo b", true)]
    [InlineData(@"\bfoo\b", "afoo b", false)]
    [InlineData(@"\bcaf\b", "café", true)]
    [InlineData(@"caf\B", "café", false)]
    [InlineData(@"^\B", "é", true)]
    [InlineData(@"\B", "aéa", false)]
    [InlineData(@".\B", "éa", false)]
    [InlineData(@"é\B", "aé", true)]
    // The dot and code points beyond the BMP.
    [InlineData(".", "\n", false)]
    [InlineData("(?s).", "\n", true)]
    [InlineData("^.$", "😀", true)]
    [InlineData("^..$", "😀", false)]
    [InlineData("^.{2}$", "é😀", true)]
    [InlineData("^[^a]$", "😀", true)]
    [InlineData("^[^a]{2}$", "😀", false)]
    [InlineData("[^a]", "\n", true)]
    [InlineData("^[😀-😂]$", "😁", true)]
    [InlineData("^[😀-😂]$", "😄", false)]
    [InlineData("(a|😀){2}", "🐱😀😀", true)]
    [InlineData(@"^\x{1F600}+$", "😀😀", true)]
    [InlineData("^[é-€]$", "ሴ", true)]
    [InlineData("^[é-€]$", "₭", false)]
    [InlineData("^😀?$", "", true)]
    // Classes, which are ASCII but for those of Unicode.
    [InlineData(@"^\d+$", "0189", true)]
    [InlineData(@"^\d$", "٣", false)]
    [InlineData(@"^\D$", "٣", true)]
    [InlineData(@"^\w+$", "aZ_9", true)]
    [InlineData(@"^\w$", "é", false)]
    [InlineData(@"^\W$", "é", true)]
    [InlineData(@"^\s+$", " \t\n\f\r", true)]
    [InlineData(@"\s", "\v", false)]
    [InlineData(@"\s", "\u00A0", false)]
    [InlineData("^[[:alpha:]]+$", "aZ", true)]
    [InlineData("[[:alpha:]]", "é9", false)]
    [InlineData("^[[:^alpha:]]+$", "é9", true)]
    [InlineData("^[[:space:]]$", "\v", true)]
    [InlineData("^[[:word:]-]+$", "a-_", true)]
    [InlineData("^[[:punct:]]+$", "!/:@[`{~", true)]
    [InlineData(@"^[\d\-z]+$", "1-z", true)]
    [InlineData("^[]a]+$", "]a", true)]
    [InlineData("^[^]a]$", "b", true)]
    [InlineData("^[a-]+$", "a-", true)]
    [InlineData(@"^[\\\]]+$", @"\]", true)]
    [InlineData(@"^[^\S\n]$", " ", true)]
    [InlineData(@"^[^\S\n]$", "\n", false)]
    [InlineData(@"[^\x00-\x{10FFFF}]", "a", false)]
    [InlineData(@"^\pL+$", "aéЖ漢", true)]
    [InlineData(@"^\pL$", "9", false)]
    [InlineData(@"^\PL$", "9", true)]
    [InlineData(@"^\p{Lu}\p{Ll}$", "Éé", true)]
    [InlineData(@"^\p{Greek}+$", "αβγ", true)]
    [InlineData(@"^\p{Greek}$", "a", false)]
    [InlineData(@"^\p{^Greek}$", "a", true)]
    [InlineData(@"^\P{Greek}$", "α", false)]
    [InlineData(@"^[\p{Cyrillic}\d]+$", "Ж1", true)]
    [InlineData(@"^\p{Han}+$", "漢字𠀀", true)]
    [InlineData(@"^\pN$", "٣", true)]
    [InlineData(@"^\p{So}$", "😀", true)]
    // Case.
    [InlineData("(?i)straSSe", "STRASSE", true)]
    [InlineData("(?i)^é$", "É", true)]
    [InlineData("(?i)^k$", "\u212A", true)]
    [InlineData("(?i)^s$", "ſ", true)]
    [InlineData("(?i)^ß$", "ẞ", true)]
    [InlineData("(?i)^σ$", "ς", true)]
    [InlineData("(?i)^i$", "İ", false)]
    [InlineData("(?i)^i$", "ı", false)]
    [InlineData("(?i)^[a-c]$", "B", true)]
    [InlineData("(?i)^[^a-c]$", "B", false)]
    [InlineData("(?i)^𐐀$", "𐐨", true)]
    [InlineData("(?i)a(?-i)b", "Ab", true)]
    [InlineData("(?i)a(?-i)b", "AB", false)]
    [InlineData("(?i:a)b", "AB", false)]
    [InlineData("(a(?i)b|c)d", "aBd", true)]
    [InlineData("(a(?i)b|c)d", "Cd", true)]
    [InlineData("(a(?i)b|c)d", "CD", false)]
    // Escapes and what stands for itself.
    [InlineData(@"\Qa.b\E+", "a.bbb", true)]
    [InlineData(@"\Qa.b", "axb", false)]
    [InlineData(@"^\Q\E$", "", true)]
    [InlineData(@"^\Qa\b\E$", @"a\b", true)]
    [InlineData(@"^\x41\101\x{42}$", "AAB", true)]
    [InlineData(@"^\0$", "\0", true)]
    [InlineData(@"^\a\f\t\n\r\v$", "\a\f\t\n\r\v", true)]
    [InlineData(@"^\.\-\_\/$", ".-_/", true)]
    [InlineData("^a{,2}$", "a{,2}", true)]
    [InlineData("^{$", "{", true)]
    [InlineData("^a{01}$", "a{01}", true)]
    [InlineData("^}]#$", "}]#", true)]
    [InlineData("^ a b $", " a b ", true)]
    [InlineData("^-~&&$", "-~&&", true)]
    // Repetitions, groups and choices.
    [InlineData("^a{2,3}$", "a", false)]
    [InlineData("^a{2,3}$", "aaa", true)]
    [InlineData("^a{2,}$", "aaaaa", true)]
    [InlineData("^(?:ab){2}$", "abab", true)]
    [InlineData("^(a|b|)$", "", true)]
    [InlineData("^(|a)+$", "aa", true)]
    [InlineData("^(a*)*$", "aaa", true)]
    [InlineData("^(?P<x>a)(?<y>b)$", "ab", true)]
    [InlineData("x{0}", "", true)]
    [InlineData("^^a$$", "a", true)]
    [InlineData("(?:^)*a", "ba", true)]
    [InlineData("^a(?i)*b$", "aaB", true)]
    [InlineData("", "anything", true)]
    public void Matches(string pattern, string text, bool expected) => Assert.Equal(expected, IsMatch(pattern, text));

    [Theory]
    [InlineData(@"a\1", "refers back to a group", 1)]
    [InlineData(@"(a)\8", "refers back to a group", 3)]
    [InlineData("a(?=b)", "looks ahead or behind", 1)]
    [InlineData("(?<!b)a", "looks ahead or behind", 0)]
    [InlineData("(?>a)", "(?>", 0)]
    [InlineData("(?P=x)", "(?P", 0)]
    [InlineData("(?#x)", "(?#", 0)]
    [InlineData("(?x)a", "the flag x", 2)]
    [InlineData("(?i-)a", "without flags", 0)]
    [InlineData("(?)a", "without flags", 0)]
    [InlineData("(?i", "without its )", 0)]
    [InlineData("(a", "without its )", 0)]
    [InlineData("a)", "without its (", 1)]
    [InlineData("[a", "without its ]", 0)]
    [InlineData("[]", "without its ]", 0)]
    [InlineData("[z-a]", "the range z-a", 1)]
    [InlineData(@"[a-\d]", @"the unknown escape \d", 3)]
    [InlineData("[[:letter:]]", "[:letter:]", 1)]
    [InlineData(@"\p{Klingon}", "Greek", 0)]
    [InlineData(@"\pX", @"the unknown class \pX", 0)]
    [InlineData(@"\p{L", "without its }", 0)]
    [InlineData("*a", "nothing before *", 0)]
    [InlineData("a|*", "nothing before *", 2)]
    [InlineData("(?i)*", "nothing before *", 4)]
    [InlineData("a|{2}", "nothing before {", 2)]
    [InlineData("a**", "repeats a repetition", 2)]
    [InlineData("a*+", "repeats a repetition", 2)]
    [InlineData("a{2}{3}", "repeats a repetition", 4)]
    [InlineData("a{1001}", "more than 1000", 1)]
    [InlineData("a{2,1}", "at least 2 but at most 1", 1)]
    [InlineData("(a{1000}){1000}", "more than 1000", 9)]
    [InlineData("((a{10}){10}){11}", "more than 1000", 13)]
    [InlineData("(a{99999999999999999999})", "more than 1000", 2)]
    [InlineData(@"\C", "single bytes", 0)]
    [InlineData(@"a\Z", @"\z is the end", 1)]
    [InlineData(@"\h", @"the unknown escape \h", 0)]
    [InlineData(@"\é", "the unknown escape", 0)]
    [InlineData(@"\E", "the unknown escape", 0)]
    [InlineData(@"a\", @"ends with \", 1)]
    [InlineData(@"\x{110000}", "hexadecimal", 0)]
    [InlineData(@"\xg", "hexadecimal", 0)]
    [InlineData(@"\x{-1}", "hexadecimal", 0)]
    [InlineData("(?P<a>x)(?P<a>y)", "two groups named a", 8)]
    [InlineData("(?P<>x)", "letters, digits and _", 0)]
    public void Is_refused(string pattern, string problem, int place)
    {
        Assert.False(CompiledRegex.TryCreate(pattern, out var regex, out var error));
        Assert.Null(regex);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.EndsWith($"(at {place}).", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_large_is_refused_before_it_takes_memory()
    {
        Refused(@"\pL{1000}", "too large");
        Refused("(?:" + string.Join('|', Enumerable.Range(0, 500).Select(i => $"word{i}")) + "){10}", "too large");
        Refused(new string('(', 300) + new string(')', 300), "more than 100 groups");
        Refused(string.Concat(Enumerable.Repeat("(?:", 300)) + new string(')', 300), "nested too deep");

        static void Refused(string pattern, string problem)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(CompiledRegex.TryCreate(pattern, out _, out var error));
            Assert.Contains(problem, error, StringComparison.Ordinal);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 20_000_000);
        }
    }

    /// <summary>Patterns and texts that take engines with backtracking, or with all of an automaton in memory, beyond any bound.</summary>
    [Theory]
    [InlineData("(a+)+$", "a", 100_000)]
    [InlineData("(a|aa)+$", "a", 100_000)]
    [InlineData("(.*)*x", "ab", 50_000)]
    [InlineData("(a?){500}a{500}", "ab", 20_000)]
    [InlineData("[ab]*a[ab]{300}c", "abbabaab", 4_000)]
    [InlineData(@"^(([a-z])+.)+[A-Z]([a-z])+$", "a", 50_000)]
    public void Evil_patterns_end(string pattern, string piece, int times)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(IsMatch(pattern, string.Concat(Enumerable.Repeat(piece, times)) + "!"));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes");
    }

    [Fact]
    public void Every_code_point_is_in_its_class_and_in_no_other()
    {
        foreach (var (name, isIn) in new (string, Func<int, bool>)[]
        {
            (@"\pL", c => char.IsLetter(char.ConvertFromUtf32(c), 0)),
            (@"\p{Lu}", c => char.IsUpper(char.ConvertFromUtf32(c), 0)),
            (@"[^\pL]", c => !char.IsLetter(char.ConvertFromUtf32(c), 0)),
            (@"[\x{7F}-\x{800}]", c => c is >= 0x7F and <= 0x800),
            (@"[\x{FFF0}-\x{1000F}]", c => c is >= 0xFFF0 and <= 0x1000F),
            (@"[\x{3FFFF}-\x{40001}\x{10FFFF}]", c => c is >= 0x3FFFF and <= 0x40001 or 0x10FFFF),
            (".", c => c != '\n'),
        })
        {
            Assert.True(CompiledRegex.TryCreate($"^{name}$", out var regex, out var error), error);
            var frame = new Frame(0, 0, new CelLimits { MaxSteps = long.MaxValue });
            for (var point = 0; point <= CodePointSet.Max; point += point is > 0x3000 and < 0xF000 or > 0x20000 and < 0x3FF00 or > 0x41000 and < 0x10F000 ? 61 : 1)
            {
                if (point is >= 0xD800 and < 0xE000)
                    continue;
                var text = Encoding.UTF8.GetBytes(char.ConvertFromUtf32(point));
                Assert.True(regex!.IsMatch(frame, text).IsTrue == isIn(point), $"{name} and U+{point:X4}");
            }
        }
    }

    [Fact]
    public void Widening_agrees_with_the_bytes_at_every_length()
    {
        for (var length = 0; length < 70; length++)
        {
            var bytes = Enumerable.Range(0, length).Select(i => (byte)(i * 37 + length)).ToArray();
            var chars = new char[length];
            CompiledRegex.Widen(bytes, chars);
            Assert.Equal(bytes.Select(b => (char)(b < 0x80 ? b : 0xE000 + b)), chars);
        }
    }

    private static bool IsMatch(string pattern, string text)
    {
        Assert.True(CompiledRegex.TryCreate(pattern, out var regex, out var error), error);
        var value = regex!.IsMatch(new Frame(0, 0, new CelLimits { MaxSteps = long.MaxValue }), Encoding.UTF8.GetBytes(text));
        Assert.Equal(CelKind.Bool, value.Kind);
        return value.IsTrue;
    }
}
