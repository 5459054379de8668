using Weft.Diagnostics;
using Weft.Options;

namespace Weft.Yaml.Tests;

/// <summary>What is made from the descriptors: the editor's schema, the help, and the pages of the codes.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void The_committed_schema_is_what_the_descriptors_say() => Repo.AssertFile(Path.Combine("schema", "weft.schema.json"), SchemaText.JsonSchema());

    [Fact]
    public void Every_code_has_a_page_and_every_page_a_code()
    {
        var codes = typeof(ProblemCodes).GetFields().Select(f => (EventCode)f.GetValue(null)!).ToArray();
        Assert.Distinct(codes);
        Assert.All(codes, c => Assert.InRange(c.Number, 1000, 2999));
        var pages = Directory.GetFiles(Path.Combine(Repo.Root, "docs", "troubleshooting"), "*.md").ToDictionary(p => Path.GetFileNameWithoutExtension(p), File.ReadAllText);
        foreach (var code in codes)
        {
            Assert.True(pages.TryGetValue(code.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), out var page), $"{code} has no page.");
            Assert.StartsWith($"# {code}: ", page, StringComparison.Ordinal);
            Assert.True(page!.Length > 120, $"The page of {code} says too little.");
        }
        Assert.Empty(pages.Keys.Where(p => p[0] is '1' or '2').Except(codes.Select(c => c.Number.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void A_place_is_explained_with_kind_range_default_and_the_keys_below()
    {
        Assert.Equal("""
            subscriptions.retry.now
              Tries made at once, before the first wait.
              Takes:    a whole number
              Allowed:  0 to 10
              Default:  2
              Note:     Tries after a wait are limited by 'for'.

            """, SchemaText.Explain("subscriptions.any.retry.now")!.Replace("subscriptions.any", "subscriptions", StringComparison.Ordinal));
        Assert.Contains("    url     The base address; its path is put before the path of every call.\n", SchemaText.Explain("services.orders.endpoints"), StringComparison.Ordinal);
        Assert.Contains("endpoints", SchemaText.Explain("services.orders"), StringComparison.Ordinal);
        Assert.Contains("weft explain services.NAME", SchemaText.Explain("services"), StringComparison.Ordinal);
        Assert.Contains("subscriptions", SchemaText.Explain(""), StringComparison.Ordinal);
        Assert.Null(SchemaText.Explain("services.orders.nothing"));
        Assert.Null(SchemaText.Explain("nothing"));
    }
}
