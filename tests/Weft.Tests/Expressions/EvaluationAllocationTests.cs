using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Messages;

namespace Weft.Tests.Expressions;

/// <summary>From the bytes of a message to the result nothing is allocated after the first evaluations.</summary>
public sealed class EvaluationAllocationTests
{
    private static readonly Scope s_scope = new(Libraries.All, [EventSlots.Variable]);

    // In turn, so that hits, misses and missing fields are all looked at.
    private static readonly Message[] s_messages = [Order("OrderCreated", "\"total\":1234.5,\"country\":\"DE\""), Order("OrderShipped", "\"total\":3"), Order("OrderCreated", "\"total\":2000,\"country\":\"\\u0046R\"")];

    [Fact]
    public void The_predicate()
    {
        var rules = Rules("event.type == 'OrderCreated' && event.data.total > 1000 && event.data.country in ['DE', 'FR']");
        var (slots, frame) = (new EventSlots(rules.Slots), rules.NewFrame());
        Assert.Equal([true, false, true], s_messages.Select(Holds));
        AllocatesNothing(message => Holds(message));

        bool Holds(Message message)
        {
            slots.Fill(message, frame);
            return rules.Evaluate(0, frame).IsTrue;
        }
    }

    [Fact]
    public void A_set_of_rules()
    {
        var rules = Rules([.. Enumerable.Range(0, 50).SelectMany(i => new[] { $"event.data.total > {i * 40}", $"event.data.country == 'C{i}' || event.id == '{i}'" })]);
        var (slots, frame) = (new EventSlots(rules.Slots), rules.NewFrame());
        Assert.Equal([32, 2, 51], s_messages.Select(Hits));
        AllocatesNothing(message => Hits(message));

        int Hits(Message message)
        {
            slots.Fill(message, frame);
            var hits = 0;
            for (var i = 0; i < rules.Count; i++)
                hits += rules.Evaluate(i, frame).IsTrue ? 1 : 0;
            return hits;
        }
    }

    [Fact]
    public void A_transform()
    {
        var tree = CelTree.Map(
            new("id", CelTree.Expression("event.id")),
            new("total", CelTree.Expression("event.data.total * 1.19")),
            new("skus", CelTree.Expression("event.data.items.filter(i, i.qty > 1).map(i, i.sku)")));
        var table = new SlotTable();
        var plan = TreePlanner.Plan(tree, s_scope, table, CelLimits.Default, (path, problem) => Assert.Fail($"{path}: {problem.Message}"));
        var (slots, frame) = (new EventSlots(table), new Frame(table.Paths.Count, plan!.Locals, CelLimits.Default));
        using var output = new JsonBuffer();
        slots.Fill(s_messages[2], frame);
        Assert.Null(output.Write(plan, frame, out var json));
        Assert.Equal("""{"id":"1","total":2380,"skus":["B","C"]}""", System.Text.Encoding.UTF8.GetString(json.Span));
        AllocatesNothing(message =>
        {
            slots.Fill(message, frame);
            output.Write(plan, frame, out _);
        });
    }

    private static RuleSet Rules(params string[] texts)
    {
        var rules = new RuleSet(s_scope, CelLimits.Default);
        Assert.All(texts, text => Assert.True(rules.Add(text, []) >= 0, text));
        return rules;
    }

    private static Message Order(string type, string fields)
    {
        var builder = new MessageBuilder().Set("id", "1").Set("source", "/shop").Set("type", type);
        return builder.BuildJson(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"items":[{"sku":"A","qty":1},{"sku":"B","qty":3},{"sku":"C","qty":2}],"note":"]}\"{[",{{fields}}}"""));
    }

    private static void AllocatesNothing(Action<Message> work)
    {
        Run(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(50);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
                work(s_messages[i % s_messages.Length]);
        }
    }
}
