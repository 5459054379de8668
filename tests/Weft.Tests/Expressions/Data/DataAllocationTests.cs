using System.Globalization;
using System.Text;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Messages;
using Weft.Tests.Messages;

namespace Weft.Tests.Expressions.Data;

/// <summary>After warm-up, reading messages, evaluating rules, writing trees and filling templates allocate nothing.</summary>
public sealed class DataAllocationTests
{
    private static readonly Message s_message = Events.Structured(Events.Json(
        "\"subject\":\"o-1\",\"time\":\"2026-01-31T23:59:59Z\",\"tenant\":\"acme\",\"count\":5,\"data\":{\"total\":1000.50,\"c\\u0061t\":\"a\\nb\",\"country\":\"DE\",\"lines\":[{\"sku\":\"a\"},{\"sku\":\"b\"}]}"));

    [Fact]
    public void Rules_over_a_message()
    {
        var rules = new RuleSet(DataRun.Scope, CelLimits.Default);
        var problems = new List<CelProblem>();
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, rules.Add(string.Create(CultureInfo.InvariantCulture, $"event.type == 't' && event.data.total > {i} && event.data.country in ['DE', 'FR'] && event.data.cat != event.tenant && event.time > timestamp('2025-01-01T00:00:00Z')"), problems));
        rules.Add("event.data.no > 1 || has(event.data.lines) && event.count == 5", problems);
        Assert.Empty(problems);
        Assert.Equal(9, rules.Slots.Paths.Count);
        var reader = new EventSlots(rules.Slots);
        var frame = rules.NewFrame();
        AllocatesNothing(() =>
        {
            reader.Fill(s_message, frame);
            for (var i = 0; i < rules.Count; i++)
            {
                if (!rules.Evaluate(i, frame).IsTrue)
                    throw new InvalidOperationException("A rule does not hold.");
            }
        });
    }

    [Fact]
    public void Trees()
    {
        var slots = new SlotTable();
        var tree = CelTree.Map(
            new("id", CelTree.Expression("event.id")), new("text", CelTree.Expression("event.data.cat + '!'")), new("at", CelTree.Expression("event.time")),
            new("lines", CelTree.Expression("event.data.lines")), new("first", CelTree.Expression("event.data.lines[0].sku")), new("n", CelTree.Expression("1.50")),
            new("skus", CelTree.Expression("event.data.lines.filter(l, l.sku != 'a').map(l, l.sku)")));
        var plan = TreePlanner.Plan(tree, DataRun.Scope, slots, CelLimits.Default, (_, problem) => Assert.Fail(problem.Message));
        var reader = new EventSlots(slots);
        var frame = DataRun.Frame(slots, plan!);
        using var buffer = new JsonBuffer();
        AllocatesNothing(() =>
        {
            reader.Fill(s_message, frame);
            if (buffer.Write(plan!, frame, out _) is not null)
                throw new InvalidOperationException("The tree has no value.");
        });
        Assert.Equal("""{"id":"1","text":"a\nb!","at":"2026-01-31T23:59:59Z","lines":[{"sku":"a"},{"sku":"b"}],"first":"a","n":1.50,"skus":["b"]}""", DataRun.Json(buffer, plan!, frame));
    }

    [Fact]
    public void Templates()
    {
        var slots = new SlotTable();
        var plan = Template.Compile("/o/{event.subject}/{event.data.total}?c={event.data.cat}&t={event.time}", TemplatePlace.Url, DataRun.Scope, slots, CelLimits.Default, []);
        var reader = new EventSlots(slots);
        var frame = DataRun.Frame(slots, plan!);
        AllocatesNothing(() =>
        {
            reader.Fill(s_message, frame);
            if (plan!.Evaluate(frame).IsError)
                throw new InvalidOperationException("The template has no value.");
        });
        Assert.Equal("/o/o-1/1000.50?c=a%0Ab&t=2026-01-31T23%3A59%3A59Z", Encoding.UTF8.GetString(plan!.Evaluate(frame).AsSpan));
    }

    private static void AllocatesNothing(Action action)
    {
        for (var i = 0; i < 50; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
