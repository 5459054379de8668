using System.Text.Json;
using System.Text.Json.Nodes;
using DevLab.JmesPath;
using Jint;
using Weft.Expressions;

namespace Weft.Load.Expressions;

/// <summary>One way to do what a table compares.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Work">Does it: how many rules hold, or how many bytes were written.</param>
internal sealed record Entrant(string Name, Func<long> Work);

/// <summary>All ways to do the same, ready to run for one event.</summary>
internal static class Contest
{
    public const string Slots = "Weft, slots filled";
    public const string JsonText = "Weft, JSON text";
    public const string StoredEvent = "Weft, stored event";
    public const string Element = "by hand, JsonElement";
    public const string Reader = "by hand, Utf8JsonReader";
    public const string Reading = "Weft, reading the JSON text";
    public const string Compile = "Weft: parse, check and plan";
    public const string Document = "by hand, JsonDocument.Parse";

    private const string Script = "order.type === 'OrderCreated' && order.data.total > 1000 && ['DE', 'FR'].includes(order.data.country)";
    private const string Query = "type == 'OrderCreated' && data.total > `1000` && contains(`[\"DE\", \"FR\"]`, data.country)";
    private const string Lambda = "order.type == \"OrderCreated\" && order.data.total > 1000 && (order.data.country == \"DE\" || order.data.country == \"FR\")";

    /// <summary>The predicate over what is read already.</summary>
    public static IEnumerable<Entrant> PredicateOnParsed(byte[] json)
    {
        var element = JsonElement.Parse(json);
        string[] cel = [Condition.Predicate("order")];
        yield return new(Element, () => ByHand.Holds(element) ? 1 : 0);
        yield return new(Slots, new InWeft(byPath: true, cel).Read(json).Hits);
        yield return new("Weft, map in memory", new InWeft(byPath: false, cel).Set(InWeft.ToMap(element)).Hits);
        yield return new("Weft, JSON value not looked into yet", new InWeft(byPath: false, cel).Set(CelValue.FromJson(json)).Hits);
        yield return new("JmesPath.Net, JToken", new InJmesPath([Query]).Read(json).Hits);
        yield return new("Jint, object of the engine", new InJint([Script]).Read(json).Hits);
        yield return new("RulesEngine, class", new InRulesEngine(isDynamic: false, [Lambda]).Read(json).Hits);
        yield return new("RulesEngine, dynamic object", new InRulesEngine(isDynamic: true, [Lambda]).Read(json).Hits);
    }

    /// <summary>The predicate from the bytes on.</summary>
    public static IEnumerable<Entrant> PredicateFromBytes(byte[] json)
    {
        var stored = OrderText.Stored(json);
        var text = new InWeft(byPath: true, [Condition.Predicate("order")]);
        var events = new OnEvents([Condition.Predicate("event")]);
        var jmes = new InJmesPath([Query]);
        var jint = new InJint([Script]);
        var rules = new InRulesEngine(isDynamic: false, [Lambda]);
        var dynamic = new InRulesEngine(isDynamic: true, [Lambda]);
        yield return new(Reader, () => ByHand.Holds(json) ? 1 : 0);
        yield return new(JsonText, () => text.Read(json).Hits());
        yield return new(StoredEvent, () => events.Read(stored).Hits());
        yield return new(Document, () =>
        {
            using var document = JsonDocument.Parse(json);
            return ByHand.Holds(document.RootElement) ? 1 : 0;
        });
        yield return new("Jint", () => jint.Read(json).Hits());
        yield return new("JmesPath.Net", () => jmes.Read(json).Hits());
        yield return new("RulesEngine, class", () => rules.Read(json).Hits());
        yield return new("RulesEngine, dynamic object", () => dynamic.Read(json).Hits());
    }

    /// <summary>A hundred rules over one event.</summary>
    public static IEnumerable<Entrant> Hundred(byte[] json)
    {
        var all = Condition.Hundred();
        var stored = OrderText.Stored(json);
        var text = new InWeft(byPath: true, all.Select(c => c.Cel("order")));
        var events = new OnEvents(all.Select(c => c.Cel("event")));
        yield return new(Slots, new InWeft(byPath: true, all.Select(c => c.Cel("order"))).Read(json).Hits);
        yield return new(Reading, () => text.Read(json) is null ? 0 : 1);
        yield return new(JsonText, () => text.Read(json).Hits());
        yield return new(StoredEvent, () => events.Read(stored).Hits());
        yield return new("Jint, object of the engine", new InJint(all.Select(c => c.JavaScript())).Read(json).Hits);
        yield return new("JmesPath.Net, JToken", new InJmesPath(all.Select(c => c.JmesPath())).Read(json).Hits);
        yield return new("RulesEngine, class", new InRulesEngine(isDynamic: false, all.Select(c => c.CSharp())).Read(json).Hits);
    }

    /// <summary>The transform: an id, a number that is computed, and a list that is filtered.</summary>
    public static IEnumerable<(string Name, Func<ReadOnlyMemory<byte>> Work)> Transforms(byte[] json)
    {
        var element = JsonElement.Parse(json);
        var stored = OrderText.Stored(json);
        var text = new InWeft(byPath: true, [], Tree("order"));
        var events = new OnEvents([], Tree("event"));
        const string body = "JSON.stringify({ id: order.data.id, total: order.data.total * 1.19, skus: order.data.items.filter(i => i.qty > 1).map(i => i.sku) })";
        var jint = new InJint([body]);
        yield return (Element, () => TransformByHand.Run(element));
        yield return (Slots, new InWeft(byPath: true, [], Tree("order")).Read(json).Transform);
        yield return ("Jint, object of the engine", new InJint([body]).Read(json).Transform);
        yield return (Document, () => TransformByHand.Parse(json));
        yield return (JsonText, () => text.Read(json).Transform());
        yield return (StoredEvent, () => events.Read(stored).Transform());
        yield return ("Jint", () => jint.Read(json).Transform());
    }

    /// <summary>From the text of the predicate to something that runs.</summary>
    public static IEnumerable<Entrant> Compiling(byte[] json)
    {
        var text = Condition.Predicate("event");
        yield return new(Compile, () => Compiler.Compile(text, InWeft.EventScope, new SlotTable(), CelLimits.Default, []) is null ? 0 : 1);
        yield return new("Jint, prepared script", () => Engine.PrepareScript(Script).IsValid ? 1 : 0);
        yield return new("JmesPath.Net, parsed query", () => new JmesPath().Parse(Query) is null ? 0 : 1);
        yield return new("RulesEngine, until the first result", () => new InRulesEngine(isDynamic: false, [Lambda]).Read(json).Hits());
    }

    /// <summary>Runs everything once and throws when two give different results.</summary>
    public static void Check()
    {
        foreach (var (json, holds) in OrderText.Cases())
        {
            foreach (var entrant in PredicateOnParsed(json).Concat(PredicateFromBytes(json)))
                Same(entrant.Name, "the predicate", holds ? 1L : 0L, entrant.Work());
        }
        var main = OrderText.Event();
        var hundred = Hundred(main).Where(e => e.Name != Reading).ToList();
        foreach (var entrant in hundred)
            Same(entrant.Name, "a hundred rules", hundred[0].Work(), entrant.Work());
        var expected = JsonNode.Parse("""{"id":"ORD-48213","total":1469.0549999999998,"skus":["SKU-1001","SKU-1003","SKU-1005","SKU-1007"]}""");
        foreach (var (name, work) in Transforms(main))
        {
            var output = JsonNode.Parse(work().Span);
            Same(name, "the transform", expected!.ToJsonString(), JsonNode.DeepEquals(expected, output) ? expected.ToJsonString() : output!.ToJsonString());
        }
        foreach (var entrant in Compiling(main))
            Same(entrant.Name, "compiling", 1L, entrant.Work());
    }

    private static void Same<T>(string name, string what, T expected, T actual)
    {
        if (!Equals(expected, actual))
            throw new InvalidOperationException($"{name} gives {actual} for {what}; {expected} was expected. What does not agree is not measured.");
    }

    private static CelTree Tree(string variable) => CelTree.Map(
        new("id", CelTree.Expression($"{variable}.data.id")),
        new("total", CelTree.Expression($"{variable}.data.total * 1.19")),
        new("skus", CelTree.Expression($"{variable}.data.items.filter(i, i.qty > 1).map(i, i.sku)")));
}
