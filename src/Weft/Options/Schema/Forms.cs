using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>A text of a certain form.</summary>
/// <param name="kind">In words, with an article and an example.</param>
/// <param name="wrong">What is wrong with a text, as a sentence; null when nothing is.</param>
/// <param name="pattern">A regular expression (ECMA) for editors.</param>
/// <param name="code">The code of the problem.</param>
internal sealed class Form(string kind, Func<string, string?> wrong, string? pattern = null, EventCode? code = null) : Text(kind)
{
    protected override string? Pattern => pattern;

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (wrong(value) is not { } why)
            return;
        var shown = checking.Shown(path, value);
        checking.Report(code ?? ProblemCodes.WrongForm, path, shown, $"{path} is '{shown}': {why}");
    }
}

/// <summary>The forms of texts and names that the file knows.</summary>
internal static partial class Forms
{
    public static Form Address(string kind) => new(kind, WrongAddress, "^https?://[^\\s]+$");

    public static readonly Form ServicePath = new("a path such as /invoices", text => text.StartsWith('/') && !text.Contains('?', StringComparison.Ordinal) && IsPrintable(text)
        ? null : "it must begin with / and hold no query and no spaces.", "^/[^\\s?]*$");

    public static readonly Form RoutePath = new("a path such as /orders/{id} or /orders/{**rest}", WrongRoutePath, "^/", ProblemCodes.PathPattern);

    public static readonly Form Method = new("a method such as GET", text => MethodPattern().IsMatch(text) ? null : "a method is written in capital letters, such as GET.", "^[A-Z]+$");

    public static readonly Form Host = new("a host such as api.example.com or *.example.com",
        text => HostPattern().IsMatch(text) ? null : "a host has no scheme, port or path, and a * only as its first part.", HostText);

    public static readonly Form Network = new("an address or network such as 10.0.0.0/8", text =>
        (text.Contains('/', StringComparison.Ordinal) ? System.Net.IPNetwork.TryParse(text, out _) : System.Net.IPAddress.TryParse(text, out _))
            ? null : "it takes an address such as 10.0.0.7, or a network such as 10.0.0.0/8 whose bits behind the prefix are 0.", "^[0-9A-Fa-f.:]+(/\\d+)?$");

    public static readonly Form Header = new("the name of a header", text => HeaderPattern().IsMatch(text) ? null : "it is not the name of a header.", HeaderText);

    public static readonly Form HeaderOrAll = new("the name of a header, or *", text => text == "*" || HeaderPattern().IsMatch(text) ? null : "it is not the name of a header.", HeaderText);

    public static readonly Form Origin = new("an origin such as https://app.example.com, or *",
        text => text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text) ? null
            : "an origin is a scheme, a host in small letters and a port that is not the usual one, without a slash at the end.", "^(\\*|https?://[^/\\s]+)$");

    public static readonly Form Scope = new("a scope such as orders:read", text => ScopePattern().IsMatch(text) ? null : "a scope has no spaces, quotes or backslashes.", ScopeText);

    public static readonly Form Thumbprint = new("a SHA-256 hash in hexadecimal", text => ThumbprintPattern().IsMatch(text)
        ? null : "it takes the 64 hexadecimal digits of a SHA-256 hash, without colons.", ThumbprintText);

    public static readonly Form Variable = new("the name of an environment variable", text => VariablePattern().IsMatch(text) ? null : "a variable has letters, digits and _.", VariableText);

    public static readonly Form SystemName = new("a name", text => NamePattern().IsMatch(text) ? null : NameRule, NameText, ProblemCodes.Name);

    public static readonly Form Start = new("new, beginning or a time such as 2026-01-31T12:00:00Z",
        text => text is "new" or "beginning" || TimePattern().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null : "it takes new, beginning or a time such as 2026-01-31T12:00:00Z.", "^(new|beginning|\\d{4}-.*)$");

    public static readonly NameForm Name = new("names", NameText, (name, path, checking) => Demand(NamePattern().IsMatch(name), name, path, checking, NameRule));

    /// <summary>Names that <c>none</c> must not hide.</summary>
    public static readonly NameForm AuthName = new("names", NameText,
        (name, path, checking) => Demand(name != NameOf.None && NamePattern().IsMatch(name), name, path, checking, name == NameOf.None ? "'none' means that nobody is asked. Choose another name." : NameRule));

    /// <summary><c>none</c> stays what it is everywhere.</summary>
    public static readonly NameForm PolicyName = new("names", NameText,
        (name, path, checking) => Demand(name != PolicyOptions.NoneName && NamePattern().IsMatch(name), name, path, checking, name == PolicyOptions.NoneName ? "'none' is built in and everything but the deadline is off in it. Choose another name." : NameRule));

    public static readonly NameForm VariableName = new("names", VariableText,
        (name, path, checking) => Demand(VariablePattern().IsMatch(name), name, path, checking, "a name here has letters, digits and _, and begins with no digit."));

    public static readonly NameForm HeaderName = new("headers", HeaderText,
        (name, path, checking) => Demand(HeaderPattern().IsMatch(name), name, path, checking, "it is not the name of a header."));

    public static readonly NameForm QueryName = new("names in a query", "^[^\\s=&#]+$",
        (name, path, checking) => Demand(name.Length > 0 && name.AsSpan().IndexOfAny("=&# ") < 0, name, path, checking, "a name in a query has no spaces and none of = & #."));

    public static readonly NameForm StubKey = new("METHOD /path", "^[A-Z]+ /", CheckStubKey);

    private const string NameText = "^[A-Za-z][A-Za-z0-9_-]{0,99}$";
    private const string NameRule = "a name begins with a letter and has up to 100 letters, digits, _ and -.";
    private const string HeaderText = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
    private const string VariableText = "^[A-Za-z_][A-Za-z0-9_]*$";
    private const string HostText = @"^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$";

    // RFC 6749, section 3.3.
    private const string ScopeText = @"^[\x21\x23-\x5B\x5D-\x7E]+$";
    private const string ThumbprintText = "^[0-9A-Fa-f]{64}$";

    private static void Demand(bool holds, string name, OptionsPath path, Checking checking, string rule)
    {
        if (!holds)
            checking.Report(ProblemCodes.Name, path, name, $"{path} cannot be called '{name}': {rule}");
    }

    private static void CheckStubKey(string key, OptionsPath path, Checking checking)
    {
        var parts = key.Split(' ');
        string? wrong = null;
        if (parts.Length != 2 || !MethodPattern().IsMatch(parts[0]))
            wrong = "it takes a method, a space and a path, such as GET /items/{sku}.";
        else
            wrong = WrongRoutePath(parts[1]);
        if (wrong is not null)
            checking.Report(ProblemCodes.StubKey, path, key, $"{path} is for '{key}': {wrong}");
    }

    private static string? WrongAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            return "it takes an address such as http://127.0.0.1:8080.";
        if (uri.UserInfo.Length > 0)
            return "an address must not hold a user name or password.";
        return uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "an address must not hold a query or fragment." : null;
    }

    /// <summary>Literal segments, <c>{name}</c> for one segment, <c>{**name}</c> for all that follow.</summary>
    private static string? WrongRoutePath(string text)
    {
        if (!text.StartsWith('/') || !IsPrintable(text) || text.AsSpan().ContainsAny("?#"))
            return "it must begin with / and hold no spaces, query or fragment.";
        var segments = text[1..].Split('/');
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[i];
            if (segment.Length == 0 && i < segments.Length - 1)
                return "it must not hold //.";
            if (!segment.AsSpan().ContainsAny("{}*"))
                continue;
            var match = SegmentPattern().Match(segment);
            if (!match.Success)
                return $"the segment '{segment}' must be literal, {{name}} for one segment, or {{**name}} for all that follow.";
            if (match.Groups["rest"].Success && i < segments.Length - 1)
                return $"'{segment}' takes all that follows and can only be the last segment.";
            if (!names.Add(match.Groups["name"].Value))
                return $"'{match.Groups["name"].Value}' stands twice.";
        }
        return null;
    }

    private static bool IsPrintable([NotNullWhen(true)] string? text) => text is not null && text.All(c => c > ' ' && c != '\x7f');

    [GeneratedRegex(@"^\{(?<rest>\*\*)?(?<name>[A-Za-z_][A-Za-z0-9_]*)\}\z")]
    private static partial Regex SegmentPattern();

    [GeneratedRegex(@"^[A-Z]+\z")]
    private static partial Regex MethodPattern();

    [GeneratedRegex(HostText)]
    private static partial Regex HostPattern();

    [GeneratedRegex(HeaderText)]
    private static partial Regex HeaderPattern();

    [GeneratedRegex(ScopeText)]
    private static partial Regex ScopePattern();

    [GeneratedRegex(ThumbprintText)]
    private static partial Regex ThumbprintPattern();

    [GeneratedRegex(VariableText)]
    private static partial Regex VariablePattern();

    [GeneratedRegex(NameText)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex TimePattern();
}
