using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Weft.Generators.Tests;

/// <summary>A program after the generator has run over it.</summary>
internal sealed class Compiled
{
    private static readonly CSharpParseOptions s_options = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithFeatures([new("InterceptorsNamespaces", "Weft.Generated")]);

    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Text.Json.Serialization;
        using System.Threading;
        using System.Threading.Tasks;
        using Microsoft.Extensions.DependencyInjection;
        using Weft;
        using Weft.EventBus;
        using Weft.Messages;

        """;

    private Compiled(GeneratorDriver driver, Compilation input)
    {
        Driver = driver.RunGeneratorsAndUpdateCompilation(input, out var output, out _);
        Input = input;
        var result = Driver.GetRunResult();
        Said = [.. result.Diagnostics.OrderBy(d => d.Location.SourceSpan.Start).ThenBy(d => d.Id, StringComparer.Ordinal)];
        Code = result.GeneratedTrees.ToDictionary(t => Path.GetFileName(t.FilePath), t => t.ToString());
        Errors = [.. output.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())];
    }

    /// <summary>What the generator said.</summary>
    public IReadOnlyList<Diagnostic> Said { get; }

    /// <summary>What it said, but for what only informs.</summary>
    public IEnumerable<string> Serious => Said.Where(d => d.Severity > DiagnosticSeverity.Info).Select(d => $"{d.Id} {d.GetMessage()}");

    /// <summary>What it wrote, by file.</summary>
    public IReadOnlyDictionary<string, string> Code { get; }

    /// <summary>What the compiler says of the whole.</summary>
    public IReadOnlyList<string> Errors { get; }

    public GeneratorDriver Driver { get; }

    private Compilation Input { get; }

    /// <summary>Compiles a whole file.</summary>
    /// <param name="source">The program, without the usual usings.</param>
    /// <param name="properties">Properties of the project.</param>
    public static Compiled Program(string source, params (string Name, string Value)[] properties)
    {
        var compilation = CSharpCompilation.Create(
            "Program", [CSharpSyntaxTree.ParseText(Usings + source, s_options, "Program.cs", System.Text.Encoding.UTF8)], s_references.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create(
            [new HandlerGenerator().AsSourceGenerator()], parseOptions: s_options, optionsProvider: new Properties(properties),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new(driver, compilation);
    }

    /// <summary>Compiles one call on a builder.</summary>
    public static Compiled Call(string call) => Program($$"""
        public sealed record OrderPlaced(string Id);
        public sealed class ShopDb;
        public interface IClock;
        public static class Setup
        {
            public static void Configure(WeftBuilder weft) { {{call}} }
            private static void Handle(OrderPlaced order, ShopDb db) { }
            private static async void Lost(OrderPlaced order) => await Task.Yield();
            private sealed record Secret;
        }
        """);

    /// <summary>Runs the generator once more, after another file was added.</summary>
    public Compiled With(string source) => new(Driver, Input.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, s_options, "Other.cs", System.Text.Encoding.UTF8)));

    private sealed class Properties((string Name, string Value)[] values) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Global(values);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Global((string Name, string Value)[] values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
            {
                value = values.FirstOrDefault(v => $"build_property.{v.Name}" == key).Value;
                return value is not null;
            }
        }
    }
}
