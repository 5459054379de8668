using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>The name of something that another section defines.</summary>
/// <param name="section">The section, such as <c>services</c>.</param>
/// <param name="names">The names it defines, each with whether it is switched on.</param>
/// <param name="noneAllowed">Whether <c>none</c> may be said instead.</param>
internal sealed class NameOf(string section, Func<WeftOptions, IEnumerable<(string Name, bool Enabled)>> names, bool noneAllowed = false) : Text
{
    public const string None = "none";

    public override string Kind => noneAllowed ? $"none or a name under {section}" : $"a name under {section}";

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (noneAllowed && value == None)
            return;
        var known = names(checking.Options).ToArray();
        var shown = checking.Shown(path, value);
        if (Array.Find(known, n => n.Name == value) is { Name: not null } found)
        {
            if (!found.Enabled && !checking.IsOff)
                checking.Report(ProblemCodes.SwitchedOff, path, shown, $"{path} is '{shown}', but {section}.{value} is switched off. Set its enabled to true, or switch this off as well.");
            return;
        }
        var candidates = known.Select(n => n.Name).Concat(noneAllowed ? [None] : []).ToArray();
        var defined = candidates.Length == 0 ? $"Nothing is defined under {section}." : $"Defined: {string.Join(", ", candidates)}.";
        checking.Report(ProblemCodes.UnknownName, path, shown, $"{path} is '{shown}', which is not defined under {section}.{Nearest.Hint(value, candidates)} {defined}");
    }
}

/// <summary>The name of a C# handler.</summary>
internal sealed class HandlerName : Text
{
    public override string Kind => "the name of a handler that the program registers";

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (checking.Handlers is not { } handlers || handlers.Contains(value))
            return;
        var shown = checking.Shown(path, value);
        var known = handlers.Count == 0 ? "It registers none" : "It registers " + string.Join(", ", handlers);
        checking.Report(ProblemCodes.UnknownHandler, path, shown,
            $"{path} is '{shown}', but this program registers no handler of that name.{Nearest.Hint(value, handlers)} {known}; handlers are C# and are added where Weft is set up.");
    }
}

/// <summary>A reference to a secret, <c>secret://NAME</c>. The secret itself cannot stand here.</summary>
internal sealed class SecretReference : TextShape<string>
{
    public const string Prefix = "secret://";

    public override string Kind => "secret://NAME, with NAME under secrets";

    public override bool IsSecret => true;

    protected override string Pattern => "^secret://[A-Za-z][A-Za-z0-9_-]*$";

    protected override EventCode FormCode => ProblemCodes.NotASecret;

    protected override string Hint(string text) => " A secret itself never stands in the file: name where it is found under secrets.";

    protected override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.StartsWith(Prefix, StringComparison.Ordinal);
    }

    // Options made in C# may hold a secret by mistake.
    protected override string Format(string value) => value.StartsWith(Prefix, StringComparison.Ordinal) ? value : "***";

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (!value.StartsWith(Prefix, StringComparison.Ordinal))
        {
            checking.Report(ProblemCodes.NotASecret, path, null, $"{path} takes {Kind}. A secret itself never stands in the options: name where it is found under secrets.");
            return;
        }
        var name = value[Prefix.Length..];
        if (!checking.Options.Secrets.ContainsKey(name))
            checking.Report(ProblemCodes.UnknownName, path, value, $"{path} is '{value}', which is not defined under secrets.{Nearest.Hint(name, checking.Options.Secrets.Keys)} Add secrets: {{ {name}: {{ env: VARIABLE }} }}.");
    }
}

/// <summary>A value of the host's configuration that is looked up when it is needed, <c>config://Section:Key</c>.</summary>
internal sealed class HostReference : TextShape<string>
{
    public override string Kind => "config://SECTION:KEY";

    // A text that is not a reference may be the secret itself.
    public override bool IsSecret => true;

    protected override string Pattern => "^config://.+$";

    protected override EventCode FormCode => ProblemCodes.NotASecret;

    protected override string Hint(string text) => " A secret itself never stands in the file: say where it is found, such as { env: VARIABLE }.";

    protected override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text.StartsWith(Reader.HostPrefix, StringComparison.Ordinal) ? text[Reader.HostPrefix.Length..] : null;
        return !string.IsNullOrEmpty(value);
    }

    protected override string Format(string value) => Reader.HostPrefix + value;
}

/// <summary>Where a PostgreSQL database is. Its user and password are not shown, and its options neither, since they may name a password too.</summary>
internal sealed class PostgresAddress : TextShape<string>
{
    // A text of another form may have a password anywhere.
    public override bool IsSecret => true;

    public override string Kind => "an address such as postgres://user:password@host:5432/database";

    protected override string? Pattern => "^postgres(ql)?://";

    protected override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return IsAddress(text);
    }

    protected override string Format(string value) => value;

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (!IsAddress(value))
            checking.ReportForm(path, "***", Kind);
    }

    public override void Write(string value, Utf8JsonWriter json) => json.WriteStringValue(DisplayText.HideUserInfo(value.Split('?')[0]));

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "postgres" or "postgresql" && uri.Host.Length > 0;
}

/// <summary>A file. A relative one is relative to the file that names it.</summary>
internal sealed class FilePath(string kind) : TextShape<string>
{
    public override string Kind => kind;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out string value)
    {
        if (!base.TryRead(node, path, reader, out value))
            return false;
        var folder = Path.GetDirectoryName(node.Place.File);
        if (!string.IsNullOrEmpty(folder) && value.Length > 0)
            value = Path.Combine(folder, value);
        return true;
    }

    protected override bool TryParse(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return true;
    }

    protected override string Format(string value) => value;

    public override void Check(string value, OptionsPath path, Checking checking)
    {
        if (value.Contains('\0', StringComparison.Ordinal) || Path.GetFileName(value) is ":memory:" || value.StartsWith("file:", StringComparison.Ordinal))
            checking.ReportForm(path, value, "the path of a file");
    }

    public override JsonObject Schema() => new() { ["type"] = "string" };
}
