using System.Text.RegularExpressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>One difference: a case, what Weft gives, what the engine gives, and what the other engine gives.</summary>
internal readonly record struct Disagreement(FuzzCase Case, Answer Weft, Answer Engine, Answer Other)
{
    /// <summary>Whether the engine gives an error whose text is of this form, and Weft a value.</summary>
    public bool Refuses(Regex message) => !Weft.IsError && Engine.IsError && message.IsMatch(Engine.Message);

    /// <summary>Whether Weft gives an error whose text is of this form, and the engine a value.</summary>
    public bool IsLenient(string message) => !Engine.IsError && Weft.Message.Contains(message, StringComparison.Ordinal);

    /// <summary>Whether both give values, which differ, and the expression holds a text of this form.</summary>
    public bool IsOtherValue(Regex text) => !Weft.IsError && !Engine.IsError && text.IsMatch(Case.Expression);

    public bool Uses(Regex text) => text.IsMatch(Case.Expression);

    /// <summary>Whether the expression or its data hold a code point beyond the first 65,536.</summary>
    public bool HasWideText => Case.Expression.Any(char.IsSurrogate) || Case.Variables.Values.Any(v => v.ToString().Any(char.IsSurrogate));
}

/// <summary>Differences between Weft and another engine that are as they should be.</summary>
/// <param name="Reason">Why: the section of the CEL language definition that Weft follows, or what else it follows.</param>
/// <param name="Covers">Whether a difference is of this kind.</param>
internal sealed record Difference(string Reason, Func<Disagreement, bool> Covers);

/// <summary>All differences that are explained. Those of both engines come first: they run on JavaScript.</summary>
internal static partial class Differences
{
    private static readonly Difference[] s_shared =
    [
        new("Weft's extension: arithmetic between int, uint and double", static d => d.Refuses(MixedArithmetic())),
        new("String values: positions and parts are code points; the engine counts UTF-16", static d => d.HasWideText && d.Uses(Positions())),
        new("Extension strings, indexOf: an offset at the end or beyond finds nothing, as in cel-go", static d => d.Refuses(OffsetAtEnd())),
        new("Type conversions, double(string): a number must be there; JavaScript's Number() takes more", static d => d.IsLenient("The text is no double")),
        new("Type conversions, int(string), uint(string): decimal digits; JavaScript's BigInt() takes more", static d => d.IsLenient("The text is no int") || d.IsLenient("The text is no uint")),
        new("Field selection: has() of what is no map is an error", static d => d.IsLenient("has no fields and no items") && d.Uses(Has())),
        new("Field selection: has() of a map says whether the key is there, even when null is behind it", static d => d.IsOtherValue(Has()) || d.Refuses(NullInHas())),
        new("Arithmetic: the smallest int modulo -1 overflows, as in cel-go", static d => d.IsLenient("out of range") && d.Uses(Modulo())),
        new("Type conversions, string(double): the form is left open; Weft writes as cel-go does", static d => d.IsOtherValue(ToText()) && (d.Weft.Value.Contains('e', StringComparison.Ordinal) || d.Weft.Value.Contains("-0", StringComparison.Ordinal))),
        new("Equality: 'in' compares values of any types, so that what cannot be a key is not in a map", static d => d.Refuses(NoKey())),
        new("Timestamps, getters: years 1 to 99 are not those of 1901 to 1999, as in JavaScript's Date", static d => d.IsOtherValue(Getters())),
        new("Syntax: signs in pairs fall away before the number is read, as in cel-go", static d => d.IsLenient("It cannot be parsed") && d.Uses(TwoSigns())),
        new("Lists: an index may be any number that is whole; others are errors that && and || absorb", static d => d.Refuses(NoIndex())),
    ];

    public static Difference[] Bufbuild { get; } =
    [
        .. s_shared,
        new("Type conversions, double(string): 'Inf' is infinity, as in cel-go; JavaScript's Number() knows only 'Infinity'", static d => d.IsOtherValue(ToDouble()) && d.Engine.Value.Contains("nan", StringComparison.Ordinal)),
        new("Type conversions, duration(string): an empty text is none", static d => d.IsLenient("The text is no duration")),
        new("Operators: the negation of a bool is an error, even twice", static d => d.IsLenient("'-' does not take")),
        new("Extension strings, format: %d, %f and %e take all numbers, as in cel-go", static d => d.Refuses(NumberClause())),
        new("Extension strings, replace: an empty text stands between all characters, as in cel-go", static d => d.IsOtherValue(Replace())),
        new("Type conversions, string(timestamp), string(duration): no zeros behind the last digit, as in cel-go", static d => d.IsOtherValue(ToText()) && TrailingZeros().IsMatch(d.Engine.Value)),
        new("Weft follows cel-go: duration(int) takes nanoseconds; the definition has no such conversion", static d => d.Uses(ToDuration())),
        new("Type conversions, timestamp(int): seconds; the engine takes milliseconds", static d => d.Uses(ToTimestamp())),
        new("Lists: an index of type bool or string is an error", static d => d.IsLenient("is no key or index here")),
        new("Arithmetic: no quotient of two uints overflows", static d => d.Refuses(QuotientOverflow())),
    ];

    public static Difference[] CelJs { get; } =
    [
        .. s_shared,
        new("@bufbuild/cel, which passes the core of the official suite, agrees with Weft", static d => d.Other.Value == d.Weft.Value),
        new("cel-js has no such function or overload, or refuses before it runs what && and || absorb", static d => d.Refuses(NoFunction())),
        new("cel-js: Timestamps have no zones of the form +05:30", static d => d.Refuses(NoZone())),
    ];

    [GeneratedRegex(@"_[-+*/%]_' applied to '\((int|uint|double), (int|uint|double)\)|no such overload: (dyn<)?(int|uint|double)>? [-+*/%] (dyn<)?(int|uint|double)")]
    private static partial Regex MixedArithmetic();

    [GeneratedRegex(@"\.(charAt|substring|indexOf|lastIndexOf|replace|split)\(")]
    private static partial Regex Positions();

    [GeneratedRegex(@"index \d+ out of bounds|fromIndex out of range")]
    private static partial Regex OffsetAtEnd();

    [GeneratedRegex(@"\bhas\(")]
    private static partial Regex Has();

    [GeneratedRegex(@"has\(\) invalid argument")]
    private static partial Regex NullInHas();

    [GeneratedRegex(@"--\s*\d")]
    private static partial Regex TwoSigns();

    [GeneratedRegex("%")]
    private static partial Regex Modulo();

    [GeneratedRegex(@"\bstring\(|%s")]
    private static partial Regex ToText();

    [GeneratedRegex(@"@in' applied to '\([\w.]+, map\)|no such overload: [^;]* in (dyn<)?map")]
    private static partial Regex NoKey();

    [GeneratedRegex("unsupported input undefined|List index must be int")]
    private static partial Regex NoIndex();

    [GeneratedRegex("(fixed-point|scientific) clause can only be used on doubles|format: invalid integer value")]
    private static partial Regex NumberClause();

    [GeneratedRegex(@"\bdouble\(")]
    private static partial Regex ToDouble();

    [GeneratedRegex(@"\.replace\(")]
    private static partial Regex Replace();

    [GeneratedRegex(@"\.\d*0[sZ]")]
    private static partial Regex TrailingZeros();

    [GeneratedRegex(@"\bduration\((?!')")]
    private static partial Regex ToDuration();

    [GeneratedRegex(@"\btimestamp\((?!')")]
    private static partial Regex ToTimestamp();

    [GeneratedRegex(@"\.get(DayOf|Date|FullYear|Month|Hours|Minutes)")]
    private static partial Regex Getters();

    [GeneratedRegex("int overflow during divide by")]
    private static partial Regex QuotientOverflow();

    [GeneratedRegex("found no matching overload for|is not a function|no such overload")]
    private static partial Regex NoFunction();

    [GeneratedRegex("Invalid time zone specified: [+-]")]
    private static partial Regex NoZone();
}
