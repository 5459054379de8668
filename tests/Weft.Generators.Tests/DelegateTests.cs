using Microsoft.CodeAnalysis;

namespace Weft.Generators.Tests;

/// <summary>Calls with lambdas and methods: what is put in their place, and what is refused.</summary>
public sealed class DelegateTests
{
    [Theory]
    [InlineData(
        """weft.Subscribe("a", "t", async (OrderPlaced order, ShopDb db, Message message, DeliveryContext delivery, CancellationToken cancellation) => await Task.Yield());""",
        "h.On<global::OrderPlaced>((data, delivery, cancellation) => new global::System.Threading.Tasks.ValueTask(handle(data, global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<global::ShopDb>(delivery.Services), delivery.Message, delivery, cancellation)));")]
    [InlineData("""weft.Subscribe("a", "t", Handle);""", "var handle = (global::System.Action<global::OrderPlaced, global::ShopDb>)handler;")]
    [InlineData("""weft.Subscribe(topic: "t", handler: Handle, name: "a");""", "return weft.Subscribe(name, topic, h =>")]
    [InlineData("""Func<OrderPlaced, ValueTask> f = _ => default; weft.Handler("a", f);""", "h.On<global::OrderPlaced>((data, delivery, cancellation) => handle(data));")]
    [InlineData("""weft.Handler("a", (Message message, IClock clock) => { });""", "h.OnAny((message, delivery, cancellation) => { handle(delivery.Message, ")]
    [InlineData("""weft.Handler("a", (DeliveryContext d, OrderPlaced order) => { });""", "handle(delivery, data); return default;")]
    [InlineData("""weft.Handler("a", (IClock clock, [EventData] OrderPlaced order) => { });""", "GetRequiredService<global::IClock>(delivery.Services), data)")]
    [InlineData("""weft.Handler("a", (OrderPlaced order, ShopDb? db) => { });""", "GetService<global::ShopDb>(delivery.Services)")]
    [InlineData("""weft.Handler("a", (OrderPlaced order, [FromKeyedServices("x")] ShopDb db) => { });""", "GetRequiredKeyedService<global::ShopDb>(delivery.Services, \"x\")")]
    [InlineData("""weft.Handler("a", (OrderPlaced order, IServiceProvider services) => { });""", "handle(data, delivery.Services)")]
    [InlineData("""weft.Handler("a", (List<int[]> numbers, int? count) => { });""", "h.On<global::System.Collections.Generic.List<int[]>>(")]
    [InlineData("""weft.Handler("a", (List<string?> names) => { });""", "h.On<global::System.Collections.Generic.List<string?>>(")]
    [InlineData("""weft.Subscribe("a", "t", (OrderPlaced order) => { }, h => h.Strict());""", "more?.Invoke(h);")]
    public void A_call_is_compiled_to_one_that_needs_no_reflection(string call, string expected)
    {
        var compiled = Compiled.Call(call);
        Assert.Empty(compiled.Serious);
        Assert.Empty(compiled.Errors);
        Assert.Contains(expected, compiled.Code["Weft.Handlers.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""weft.Subscribe("a", "t", (message, delivery, cancellation) => default);""")]
    [InlineData("""weft.Subscribe("a", "t", (Message message, DeliveryContext delivery, CancellationToken cancellation) => default(ValueTask));""")]
    [InlineData("""weft.Subscribe("a", "t", h => h.On<OrderPlaced>((order, delivery, cancellation) => default));""")]
    [InlineData("""weft.Handler("a", (HandlerBuilder h) => h.OnAny((message, delivery, cancellation) => default));""")]
    public void What_needs_no_generator_stays_as_it_is(string call)
    {
        var compiled = Compiled.Call(call);
        Assert.Empty(compiled.Errors);
        Assert.Empty(compiled.Code);
    }

    [Theory]
    [InlineData("""weft.Handler("a", () => { });""", "it has 0 parameters; allowed are 1 to 16, and the first is the event's data")]
    [InlineData("""weft.Handler("a", (DeliveryContext delivery) => { });""", "no parameter is the event")]
    [InlineData("""weft.Handler("a", (IClock clock, OrderPlaced order) => { });""", "'clock' is IClock, which cannot be the event's data")]
    [InlineData("""weft.Handler("a", ([EventData] OrderPlaced a, [EventData] OrderPlaced b) => { });""", "2 parameters have [EventData]; allowed is one")]
    [InlineData("""weft.Handler("a", (OrderPlaced order) => 7);""", "it returns int; allowed are nothing, Task and ValueTask")]
    [InlineData("""weft.Handler("a", (OrderPlaced order) => Task.FromResult(7));""", "it returns System.Threading.Tasks.Task<int>")]
    [InlineData("""weft.Handler("a", Lost);""", "it is async and returns nothing")]
    [InlineData("""weft.Handler("a", (OrderPlaced order, int count = 1) => { });""", "'count' is ref, in, out, params or has a default value")]
    [InlineData("""weft.Handler("a", (Secret order) => { });""", "'Secret' is private; make it internal")]
    [InlineData("""Delegate d = Handle; weft.Handler("a", d);""", "its parameters cannot be seen")]
    public void What_cannot_be_called_is_refused_with_the_reason(string call, string expected)
    {
        var compiled = Compiled.Call(call);
        var said = Assert.Single(compiled.Said, d => d.Id == "WEFT7001");
        Assert.Equal(DiagnosticSeverity.Error, said.Severity);
        Assert.Contains(expected, said.GetMessage(), StringComparison.Ordinal);
        Assert.Empty(compiled.Code);
    }

    [Fact]
    public void A_type_parameter_is_refused()
    {
        var compiled = Compiled.Program("""
            public static class Setup
            {
                public static void Configure<T>(WeftBuilder weft) where T : class => weft.Handler<T>("a").Handler("b", (T data) => { });
            }
            """);
        Assert.Equal(2, compiled.Serious.Count(s => s.StartsWith("WEFT7001 Weft cannot call this handler: 'T' is a type parameter; say the type itself.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_written_anew_when_another_file_changes()
    {
        var compiled = Compiled.Call("""weft.Subscribe("a", "t", Handle);""").With("public sealed class Other;");
        var steps = compiled.Driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs);
        Assert.All(steps, output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }
}
