using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Weft.Generators;

/// <summary>Something to tell, with its place, without holding on to the compilation.</summary>
internal record struct Problem(int Code, string Text, string File, TextSpan Span, LinePositionSpan Lines)
{
    public static Problem At(SyntaxNode node, int code, string text) => At(node.GetLocation(), code, text);

    public static Problem At(Location location, int code, string text) =>
        new(code, text, location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span);

    /// <summary>The diagnostic.</summary>
    /// <param name="strict">Whether the program has no reflection to fall back on.</param>
    public readonly Diagnostic ToDiagnostic(bool strict) =>
        Diagnostic.Create(Problems.Of(Code, strict), Location.Create(File, Span, Lines), Text);
}

/// <summary>All that the generator can say. Each code has a page in docs/troubleshooting.</summary>
internal static class Problems
{
    public const int NotCompiled = 7001;
    public const int NoJson = 7002;
    public const int NoHandle = 7003;
    public const int SameName = 7004;
    public const int NoLogicalName = 7005;

    private static readonly DiagnosticDescriptor s_notCompiled = Make(7001, "The handler cannot be compiled", DiagnosticSeverity.Error);
    private static readonly DiagnosticDescriptor s_noJson = Make(7002, "No JSON metadata", DiagnosticSeverity.Info);
    private static readonly DiagnosticDescriptor s_noJsonStrict = Make(7002, "No JSON metadata", DiagnosticSeverity.Warning);
    private static readonly DiagnosticDescriptor s_noHandle = Make(7003, "The class handles nothing", DiagnosticSeverity.Error);
    private static readonly DiagnosticDescriptor s_sameName = Make(7004, "Two subscriptions of one name", DiagnosticSeverity.Error);
    private static readonly DiagnosticDescriptor s_noLogicalName = Make(7005, "No logical name", DiagnosticSeverity.Info);

    public static DiagnosticDescriptor Of(int code, bool strict) => code switch
    {
        NotCompiled => s_notCompiled,
        NoJson => strict ? s_noJsonStrict : s_noJson,
        NoHandle => s_noHandle,
        SameName => s_sameName,
        _ => s_noLogicalName,
    };

    private static DiagnosticDescriptor Make(int code, string title, DiagnosticSeverity severity) =>
        new("WEFT" + code, title, "{0}", "Weft", severity, isEnabledByDefault: true);
}
