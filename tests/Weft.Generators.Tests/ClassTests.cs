namespace Weft.Generators.Tests;

/// <summary>Classes that handle: by their name, and by what they say of themselves.</summary>
public sealed class ClassTests
{
    private const string Types = """
        public sealed record OrderPlaced(string Id);
        public sealed record OrderCancelled(string Id);
        public abstract class Handles<T> : IHandle<T>
        {
            public ValueTask HandleAsync(T data, DeliveryContext delivery, CancellationToken cancellation) => default;
        }

        """;

    [Fact]
    public void A_class_handles_every_type_that_it_implements()
    {
        var compiled = Compiled.Program(Types + """
            internal sealed class Billing : Handles<OrderPlaced>, IHandle<OrderCancelled>
            {
                public ValueTask HandleAsync(OrderCancelled data, DeliveryContext delivery, CancellationToken cancellation) => default;
            }
            public static class Setup
            {
                public static void Configure(WeftBuilder weft) => weft.Handler<Billing>("a").Subscribe<Billing>("b", "t", h => h.Strict());
            }
            """);
        Assert.Empty(compiled.Serious);
        Assert.Empty(compiled.Errors);
        var code = compiled.Code["Weft.Handlers.g.cs"];
        Assert.Contains("Handler1<THandler>(this global::Weft.WeftBuilder weft, string name, global::System.Action<global::Weft.EventBus.HandlerBuilder>? more = null)", code, StringComparison.Ordinal);
        Assert.Equal(2, code.Split("h.On<global::OrderCancelled, global::Billing>().On<global::OrderPlaced, global::Billing>();").Length
            + code.Split("h.On<global::OrderPlaced, global::Billing>().On<global::OrderCancelled, global::Billing>();").Length - 2);
    }

    [Fact]
    public void Classes_with_the_attribute_are_subscribed_by_one_call()
    {
        var compiled = Compiled.Program(Types + """
            [Subscribe("orders", "billing"), Subscribe("old orders", "old-billing")]
            internal sealed class Billing : Handles<OrderPlaced>;
            [Subscribe("orders")]
            internal sealed class HTTPOrderMailing : Handles<OrderPlaced>;
            public static class Setup
            {
                public static void Configure(WeftBuilder weft) => weft.AddHandlers();
            }
            """);
        Assert.Empty(compiled.Serious);
        Assert.Empty(compiled.Errors);
        Assert.Contains("""
            => weft
                        .Subscribe("billing", "orders", h => h.On<global::OrderPlaced, global::Billing>())
                        .Subscribe("http-order-mailing", "orders", h => h.On<global::OrderPlaced, global::HTTPOrderMailing>())
                        .Subscribe("old-billing", "old orders", h => h.On<global::OrderPlaced, global::Billing>());
            """, compiled.Code["Weft.AddHandlers.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Two_classes_cannot_have_one_subscription()
    {
        var compiled = Compiled.Program(Types + """
            [Subscribe("orders", "billing")]
            internal sealed class Billing : Handles<OrderPlaced>;
            [Subscribe("orders", "billing")]
            internal sealed class Mailing : Handles<OrderPlaced>;
            """);
        Assert.StartsWith("WEFT7004 Another class subscribes by the name 'billing' too.", Assert.Single(compiled.Serious), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[Subscribe("orders")] internal sealed class Billing;""", "WEFT7003 'Billing' handles nothing: implement IHandle<T> for each type of data.")]
    [InlineData("""[Subscribe("orders")] internal abstract class Billing : Handles<OrderPlaced>;""", "WEFT7001 Weft cannot call this handler: 'Billing' cannot be made: it is abstract, static or no class.")]
    [InlineData("""[Subscribe("orders")] internal sealed class Billing<T> : Handles<OrderPlaced>;""", "WEFT7001 Weft cannot call this handler: 'Billing' is generic; derive one that is not.")]
    [InlineData("""[Subscribe("orders")] file sealed class Billing : Handles<OrderPlaced>;""", "WEFT7001 Weft cannot call this handler: 'Billing' is local to its file; make it internal.")]
    [InlineData("""public sealed class Billing; public static class S { public static void C(WeftBuilder weft) => weft.Handler<Billing>("a"); }""", "WEFT7003 'Billing' handles nothing: implement IHandle<T> for each type of data.")]
    public void A_class_that_cannot_handle_is_refused(string source, string expected)
    {
        var compiled = Compiled.Program(Types + source);
        Assert.Equal([expected], compiled.Serious);
        Assert.Empty(compiled.Code);
    }
}
