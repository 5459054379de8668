using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Weft.Generators;

/// <summary>
/// Writes the code that calls handlers with what they ask for, subscribes the classes that say so, and makes the project's JSON metadata known; so that
/// nothing of it needs reflection when the program runs.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class HandlerGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var syntax = context.SyntaxProvider;
        var calls = syntax.CreateSyntaxProvider(static (node, _) => HandlerCall.MayBe(node), HandlerCall.Of).Where(static c => c is not null).Select(static (c, _) => c!.Value).Collect();
        var uses = syntax.CreateSyntaxProvider(static (node, _) => EventUse.MayBe(node), EventUse.Of).Where(static u => u is not null).Select(static (u, _) => u!.Value).Collect();
        var classes = syntax.ForAttributeWithMetadataName(Symbols.Bus + "SubscribeAttribute", static (_, _) => true, HandlerClass.Of).Collect();
        var own = syntax.ForAttributeWithMetadataName("System.Text.Json.Serialization.JsonSerializableAttribute", static (_, _) => true, JsonContext.Of).Collect();
        var given = syntax.CreateSyntaxProvider(static (node, _) => JsonContext.MayBe(node), JsonContext.Given).Where(static c => c is not null).Select(static (c, _) => c!.Value).Collect();

        var used = calls.Combine(uses).Combine(classes).Select(static (all, _) =>
            EquatableArray<EventUse>.Of([.. all.Left.Left.SelectMany(c => c.Uses), .. all.Left.Right, .. all.Right.SelectMany(c => c.Uses)]));
        var strict = context.AnalyzerConfigOptionsProvider.Select(static (options, _) => HasNoReflection(options.GlobalOptions));

        context.RegisterSourceOutput(calls, static (output, all) => Interceptors.Write(output, all));
        context.RegisterSourceOutput(classes, static (output, all) => AddHandlers.Write(output, all));
        context.RegisterSourceOutput(own.Combine(used), static (output, all) => KnownJson.Write(output, all.Left, all.Right));
        context.RegisterSourceOutput(used.Combine(own).Combine(given).Combine(strict), static (output, all) => Report(output, all.Left.Left.Left, [.. all.Left.Left.Right, .. all.Left.Right], all.Right));
    }

    private static void Report(SourceProductionContext output, EquatableArray<EventUse> used, ImmutableArray<JsonContext> contexts, bool strict)
    {
        var covered = new HashSet<string>(contexts.SelectMany(c => c.Covered), StringComparer.Ordinal);
        foreach (var use in used.Where(u => !covered.Contains(u.Type)))
            output.ReportDiagnostic(use.NoJson.ToDiagnostic(strict));
        foreach (var use in used.GroupBy(u => u.Type).Select(same => same.First()))
        {
            if (use.NoLogicalName is { } problem)
                output.ReportDiagnostic(problem.ToDiagnostic(strict));
        }
    }

    private static bool HasNoReflection(AnalyzerConfigOptions options) =>
        Is(options, "PublishAot", "true") || Is(options, "PublishTrimmed", "true") || Is(options, "IsAotCompatible", "true") || Is(options, "JsonSerializerIsReflectionEnabledByDefault", "false");

    private static bool Is(AnalyzerConfigOptions options, string property, string value) =>
        options.TryGetValue("build_property." + property, out string? said) && string.Equals(said, value, StringComparison.OrdinalIgnoreCase);
}
