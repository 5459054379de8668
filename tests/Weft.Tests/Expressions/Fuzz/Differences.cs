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
    public bool HasWideText => Holds("\ud83d") || Holds("\\xf0");

    /// <summary>Whether the expression or its data hold this text.</summary>
    public bool Holds(string part) => Case.ToString().Contains(part, StringComparison.Ordinal);
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
        new("Extension strings, indexOf: an offset at the end or beyond finds nothing, as in cel-go", static d => d.Engine.IsError && d.Uses(Offset())),
        new("Type conversions, double(string): a number must be there; JavaScript's Number() takes more", static d => d.IsLenient("The text is no double")),
        new("Type conversions, int(string), uint(string): decimal digits; JavaScript's BigInt() takes more", static d => d.IsLenient("The text is no int") || d.IsLenient("The text is no uint")),
        new("Type conversions, string(): the form of doubles and times is left open; Weft writes as cel-go does", static d => d.IsOtherValue(ToText()) || (d.Uses(ToText()) && (d.Refuses(OutOfBounds()) || d.IsLenient("The text is no bool")))),
        new("Field selection: has() of what is no map is an error", static d => d.Uses(Has()) && (d.IsLenient("has no fields and no items") || d.IsLenient("is no key or index here"))),
        new("Field selection: has() of a map says whether the key is there, even when null is behind it", static d => d.Uses(Has()) && (!d.Weft.IsError || !d.Engine.IsError)),
        new("Arithmetic: the smallest int modulo -1 overflows, as in cel-go", static d => d.IsLenient("out of range") && d.Uses(Modulo())),
        new("Operators: a sign before parentheses with a sign is no pair, and overflows or fails as one alone", static d => !d.Engine.IsError && d.Uses(SignBeforeSign())),
        new("Syntax: signs in pairs fall away before the number is read, as in cel-go", static d => d.IsLenient("It cannot be parsed") && d.Uses(TwoSigns())),
        new("Equality: 'in' compares values of any types, so that what cannot be a key is not in a map", static d => d.Refuses(NoKey())),
        new("Maps: keys are bools, ints, uints and strings", static d => d.IsLenient("The key of a map must be")),
        new("Lists: an index may be any number that is whole; others are errors that && and || absorb", static d => d.Refuses(NoIndex())),
        new("Timestamps, getters: year 1 is not 1901 or 2001, as in JavaScript's Date; .NET has local mean times in whole minutes", static d => d.Uses(Getters()) && (d.Holds("'0001-") || d.Holds("-62135596800"))),
    ];

    public static Difference[] Bufbuild { get; } =
    [
        .. s_shared,
        new("Extension strings, format: %d, %f and %e take all numbers, as in cel-go", static d => d.Refuses(NumberClause())),
        new("Extension strings, format: an exponent has two digits, and %f all digits of the number, as in cel-go", static d => d.IsOtherValue(FloatClause())),
        new("Extension strings, format: a string is no number, even 'NaN'", static d => d.IsLenient("%f and %e take a number")),
        new("Syntax: a minus may stand before a uint; that there is no such operator is an error that && absorbs", static d => d.Refuses(NoMinus())),
        new("Extension strings, join: the separator is a string", static d => d.IsLenient("'join' does not take")),
        new("Extension strings, split: what is left is the last part", static d => d.IsOtherValue(Split())),
        new("Extension strings, replace: an empty text stands between all characters, as in cel-go", static d => d.IsOtherValue(Replace())),
        new("Type conversions, double(string): a number must be there, 'Inf' is one; JavaScript's Number() is not asked", static d => d.Uses(ToDouble()) && !d.Engine.IsError && (d.Weft.IsError || d.Engine.Value.Contains("nan", StringComparison.Ordinal))),
        new("Type conversions, duration(string): an empty text is none", static d => d.IsLenient("The text is no duration")),
        new("Weft follows cel-go: int(duration) and duration(int) are nanoseconds; the definition has no such conversions", static d => d.Uses(DurationOfInt())),
        new("Type conversions, timestamp(int): seconds; the engine takes milliseconds", static d => d.Uses(ToTimestamp())),
        new("Timestamps, getDate, getDayOfMonth, getDayOfWeek: a zone changes nothing but the offset", static d => d.Uses(DayInZone())),
        new("Lists: an index of type bool or string is an error", static d => d.IsLenient("is no key or index here")),
        new("Arithmetic: no quotient of two uints overflows", static d => d.Refuses(QuotientOverflow())),
    ];

    public static Difference[] CelJs { get; } =
    [
        .. s_shared,
        new("@bufbuild/cel, which passes the core of the official suite, agrees with Weft", static d => d.Other.Value == d.Weft.Value),
        new("cel-js has no such function or overload, or refuses before it runs what && and || absorb", static d => d.Refuses(NoFunction())),
        new("Lists: an index may be a uint", static d => d.Refuses(NoSuchIndex())),
        new("Maps: keys keep their type", static d => d.Weft.Value.Replace("[\"int\"", "[\"string\"", StringComparison.Ordinal) == d.Engine.Value.Replace("[\"int\"", "[\"string\"", StringComparison.Ordinal)),
        new("Timestamps: zones may be written as +05:30", static d => d.Refuses(NoZone())),
        new("Durations: nanoseconds are exact and have the sign of the seconds", static d => !d.Engine.IsError && d.Weft.Value.Contains("\"duration\"", StringComparison.Ordinal)),
    ];

    [GeneratedRegex(@"_[-+*/%]_' applied to '\((int|uint|double), (int|uint|double)\)|no such overload: (dyn<)?(int|uint|double)>? [-+*/%] (dyn<)?(int|uint|double)")]
    private static partial Regex MixedArithmetic();

    [GeneratedRegex(@"\.(charAt|substring|indexOf|lastIndexOf|replace|split)\(")]
    private static partial Regex Positions();

    [GeneratedRegex(@"ndexOf\(.*, \d\)")]
    private static partial Regex Offset();

    [GeneratedRegex(@"\bstring\(|%s")]
    private static partial Regex ToText();

    [GeneratedRegex(@"index \d+ out of bounds")]
    private static partial Regex OutOfBounds();

    [GeneratedRegex(@"\bhas\(")]
    private static partial Regex Has();

    [GeneratedRegex("%")]
    private static partial Regex Modulo();

    [GeneratedRegex(@"-\(-|!\(!")]
    private static partial Regex SignBeforeSign();

    [GeneratedRegex(@"--\d")]
    private static partial Regex TwoSigns();

    [GeneratedRegex(@"@in' applied to '\([\w.]+, map\)|no such overload: [^;]* in (dyn<)?map")]
    private static partial Regex NoKey();

    [GeneratedRegex("unsupported input undefined|List index must be int")]
    private static partial Regex NoIndex();

    [GeneratedRegex(@"\.get(DayOf|Date|FullYear|Month|Hours|Minutes|Seconds)")]
    private static partial Regex Getters();

    [GeneratedRegex("(fixed-point|scientific) clause can only be used on doubles|format: invalid integer value")]
    private static partial Regex NumberClause();

    [GeneratedRegex(@"%(\.\d)?[ef]")]
    private static partial Regex FloatClause();

    [GeneratedRegex("found u but expecting")]
    private static partial Regex NoMinus();

    [GeneratedRegex(@"\.split\(.*, \d\)")]
    private static partial Regex Split();

    [GeneratedRegex(@"\.replace\(")]
    private static partial Regex Replace();

    [GeneratedRegex(@"\bdouble\(")]
    private static partial Regex ToDouble();

    [GeneratedRegex(@"\bduration\((?!')|\bint\(.*(span|duration|any)")]
    private static partial Regex DurationOfInt();

    [GeneratedRegex(@"\btimestamp\((?!')")]
    private static partial Regex ToTimestamp();

    [GeneratedRegex(@"get(Date|DayOf(Month|Week|Year))\('")]
    private static partial Regex DayInZone();

    [GeneratedRegex("int overflow during divide by")]
    private static partial Regex QuotientOverflow();

    [GeneratedRegex("found no matching overload for|is not a function|no such overload|must have the same type|requires bool operands|Cannot mix BigInt")]
    private static partial Regex NoFunction();

    [GeneratedRegex(@"^No such key: \d+$")]
    private static partial Regex NoSuchIndex();

    [GeneratedRegex("Invalid time zone specified: [+-]")]
    private static partial Regex NoZone();
}
