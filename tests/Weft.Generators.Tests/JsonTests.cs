using Microsoft.CodeAnalysis;

namespace Weft.Generators.Tests;

/// <summary>JSON metadata of what is handled and published: what is found, what is missing.</summary>
public sealed class JsonTests
{
    // As System.Text.Json would complete it; its generator does not run here.
    private const string Context = """
        internal sealed partial class ShopJson : JsonSerializerContext
        {
            public ShopJson() : base(null) { }
            public static ShopJson Default { get; } = new();
            protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        """;

    private const string Types = """
        [EventType("order.placed")]
        public sealed record OrderPlaced(string Id, Line[] Lines);
        public sealed record Line(Product Product);
        public sealed record Product(string Name);
        public static class Setup
        {
            public static void Configure(WeftBuilder weft) => weft.Handler("a", (OrderPlaced order) => { });
            public static async Task PublishAsync(IPublisher publisher)
            {
                await publisher.PublishAsync("orders", new Product("a"));
                await publisher.PublishAllAsync("orders", new object[] { 1 });
            }
        }

        """;

    [Fact]
    public void A_context_of_the_project_is_made_known_and_covers_what_its_types_hold()
    {
        var compiled = Compiled.Program("[JsonSerializable(typeof(List<OrderPlaced>))]" + Context + Types, ("PublishAot", "true"));
        Assert.Empty(compiled.Serious);
        Assert.Empty(compiled.Errors);
        Assert.Contains("GeneratedJson.Add(static () => global::ShopJson.Default);", compiled.Code["Weft.Json.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_of_other_things_is_left_alone()
    {
        var compiled = Compiled.Program("[JsonSerializable(typeof(int))]" + Context + Types);
        Assert.False(compiled.Code.ContainsKey("Weft.Json.g.cs"));
    }

    [Theory]
    [InlineData("PublishAot", "true", DiagnosticSeverity.Warning)]
    [InlineData("IsAotCompatible", "True", DiagnosticSeverity.Warning)]
    [InlineData("JsonSerializerIsReflectionEnabledByDefault", "false", DiagnosticSeverity.Warning)]
    [InlineData("PublishAot", "", DiagnosticSeverity.Info)]
    public void What_no_context_covers_is_said_with_the_line_to_add(string property, string value, DiagnosticSeverity severity)
    {
        var missing = Compiled.Program(Types, (property, value)).Said.Where(d => d.Id == "WEFT7002").ToArray();
        Assert.All(missing, d => Assert.Equal(severity, d.Severity));
        Assert.Equal(2, missing.Length);
        Assert.Contains("add [JsonSerializable(typeof(OrderPlaced))] to a JsonSerializerContext", missing[0].GetMessage(), StringComparison.Ordinal);
        Assert.Contains("Product", missing[1].GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_that_is_given_by_hand_covers_too()
    {
        var compiled = Compiled.Program("[JsonSerializable(typeof(OrderPlaced))]" + Context + Types + "public static class More { public static void C(WeftBuilder weft) => weft.Json(ShopJson.Default); }", ("PublishAot", "true"));
        Assert.Empty(compiled.Serious);
    }

    [Fact]
    public void What_has_no_logical_name_is_said_once()
    {
        var said = Assert.Single(Compiled.Program(Types).Said, d => d.Id == "WEFT7005");
        Assert.Equal((DiagnosticSeverity.Info, "Events of Product have the type 'Product', and renaming the class changes it: add [EventType(\"…\")] to it."), (said.Severity, said.GetMessage()));
    }
}
