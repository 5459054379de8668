using System.Diagnostics;
using System.Text.Json;
using Weft.Tests.Repository;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The official tests of CEL, as the npm package @bufbuild/cel-spec has them.</summary>
internal static class CelSuite
{
    private static readonly Lazy<IReadOnlyList<SuiteTest>> s_tests = new(Load);

    private static string Folder => Path.Combine(Repo.Root, "tests", "cel");

    /// <summary>All tests whose suite begins with a path; skips the calling test where the package is not installed.</summary>
    public static IReadOnlyList<SuiteTest> Of(string path)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            Assert.Skip("The official suite is not installed: run npm ci in tests/cel.");
        return [.. s_tests.Value.Where(t => t.Path == path || t.Path.StartsWith(path + "/", StringComparison.Ordinal))];
    }

    private static SuiteTest[] Load()
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["suite.mjs"]) { WorkingDirectory = Folder, RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 })!;
        using var json = JsonDocument.Parse(node.StandardOutput.BaseStream);
        node.WaitForExit();
        return [.. json.RootElement.EnumerateArray().Select(t => new SuiteTest(t.Clone()))];
    }
}

/// <summary>One test of the suite.</summary>
internal sealed class SuiteTest(JsonElement json)
{
    private readonly JsonElement _test = json.GetProperty("test");

    /// <summary>The suites it stands in: <c>conformance/basic/self_eval_zeroish</c>.</summary>
    public string Path { get; } = json.GetProperty("path").GetString()!;

    public string Name => Text(json, "name");

    /// <summary>Unique within the suite as far as the suite's own names are.</summary>
    public string Id => $"{Path}/{Name}";

    public string Expression => Text(_test, "expr");

    /// <summary>The tree, as cel-go prints it with the kinds of its nodes; empty when the expression cannot be parsed.</summary>
    public string Tree => Text(json, "ast");

    /// <summary>The tree, as cel-go prints it with types and overloads; empty when the checker refuses it.</summary>
    public string CheckedTree => Text(json, "checkedAst");

    public string Type => Text(json, "type");

    /// <summary>The error of parser or checker; empty when there is none.</summary>
    public string Error => Text(json, "error");

    public bool IsUnchecked => Flag("disableCheck");

    public bool HasNoMacros => Flag("disableMacros");

    public bool IsCheckedOnly => Flag("checkOnly");

    public string Container => Text(_test, "container");

    /// <summary>Declarations, as proto JSON of <c>cel.expr.Decl</c>.</summary>
    public IEnumerable<JsonElement> Declarations => _test.TryGetProperty("typeEnv", out var env) ? env.EnumerateArray() : [];

    /// <summary>Values of variables, as proto JSON of <c>cel.expr.ExprValue</c>.</summary>
    public IEnumerable<JsonProperty> Bindings => _test.TryGetProperty("bindings", out var bindings) ? bindings.EnumerateObject() : [];

    /// <summary>The expected result, as proto JSON of <c>cel.expr.conformance.test.SimpleTest</c>.</summary>
    public JsonElement Test => _test;

    public override string ToString() => $"{Id}: {Expression}";

    private bool Flag(string name) => _test.TryGetProperty(name, out var value) && value.GetBoolean();

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
