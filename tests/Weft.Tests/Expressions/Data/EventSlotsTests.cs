using System.Text;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Messages;
using Weft.Tests.Messages;

namespace Weft.Tests.Expressions.Data;

/// <summary>Expressions over events.</summary>
public sealed class EventSlotsTests
{
    private const string Members = "\"time\":\"2026-01-31T23:59:59.25+01:00\",\"tenant\":\"acme\",\"count\":5,\"flag\":true,\"data\":{\"total\":1000.50,\"lines\":[{\"sku\":\"a\"},{\"sku\":\"b\"}]}";

    [Theory]
    [InlineData("event.id", "\"1\"")]
    [InlineData("event.specversion", "\"1.0\"")]
    [InlineData("event.specversion.x", "<'x' is asked of something that has no fields.>")]
    [InlineData("event.tenant + '/' + event['source']", "\"acme//s\"")]
    [InlineData("event.count + 1", "6")]
    [InlineData("event.flag", "true")]
    [InlineData("event.time", "\"2026-01-31T22:59:59.25Z\"")]
    [InlineData("event.time < timestamp('2026-02-01T00:00:00Z')", "true")]
    [InlineData("event.subject", "<No such key: 'subject'.>")]
    [InlineData("has(event.subject)", "false")]
    [InlineData("has(event.tenant) && has(event.data.total) && !has(event.data.no)", "true")]
    [InlineData("event.data.total", "1000.50")]
    [InlineData("event.data.total > 1000", "true")]
    [InlineData("event.data.lines.map(l, l.sku)", "[\"a\",\"b\"]")]
    [InlineData("event.data.lines[1].sku", "\"b\"")]
    [InlineData("event.data", "{\"total\":1000.50,\"lines\":[{\"sku\":\"a\"},{\"sku\":\"b\"}]}")]
    [InlineData("event.id.x", "<'x' is asked of something that has no fields.>")]
    [InlineData("event.exists(k, k == 'tenant') && event['da' + 'ta'].total == 1000.5 && size(event) == 9", "true")]
    [InlineData("event.orders.x", "<No such key: 'orders'.>")]
    public void Attributes_and_data(string expression, string expected)
    {
        var actual = Run(expression, Events.Structured(Events.Json(Members)));
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("application/json", "{\"a\":1}", "1", "{\"a\":1}")]
    [InlineData("application/json", "{\"a\":1,", "1", "<The data is no JSON.>")]
    [InlineData("application/json", "{", "<The data is no JSON.>", "<The data is no JSON.>")]
    [InlineData("application/json", "42", "<'a' is asked of something that has no fields.>", "42")]
    [InlineData("text/plain", "{\"a\":1}", "<'a' is asked of something that has no fields.>", "\"{\\\"a\\\":1}\"")]
    [InlineData("image/png", "abc", "<'a' is asked of something that has no fields.>", "\"YWJj\"")]
    public void Data_of_binary_mode(string contentType, string data, string field, string whole)
    {
        var message = Message.CreateBytes("t", "/s", Encoding.UTF8.GetBytes(data), contentType);
        Assert.Equal(field, Run("event.data.a", message));
        Assert.Equal(whole, Run("event.data", message));
    }

    [Fact]
    public void Without_data()
    {
        var message = Events.Structured(Events.Json());
        Assert.Equal("false", Run("has(event.data)", message));
        // Only the last name may be missing.
        Assert.Equal("<No such key: 'data'.>", Run("has(event.data.total)", message));
    }

    [Fact]
    public void Data_of_structured_mode_may_be_a_number_or_a_text()
    {
        Assert.Equal("42.0", Run("event.data", Events.Structured(Events.Json("\"data\":42.0"))));
        Assert.Equal("42.0", Run("{'d': event['da' + 'ta']}['d']", Events.Structured(Events.Json("\"data\":42.0"))));
        Assert.Equal("\"a\\nb\"", Run("event.data", Events.Structured(Events.Json("\"data\":\"a\\nb\""))));
    }

    [Fact]
    public void A_frame_forgets_the_message_before()
    {
        var rules = new RuleSet(DataRun.Scope, CelLimits.Default);
        Assert.Equal(0, rules.Add("event.subject", []));
        Assert.Equal(1, rules.Add("event.data.total", []));
        var reader = new EventSlots(rules.Slots);
        var frame = rules.NewFrame();
        reader.Fill(Events.Structured(Events.Json("\"subject\":\"s\",\"data\":{\"total\":1}")), frame);
        Assert.Equal("s", rules.Evaluate(0, frame).ToObject());
        Assert.Equal(1L, rules.Evaluate(1, frame).ToObject());
        reader.Fill(Events.Structured(Events.Json("\"data\":{}")), frame);
        Assert.Equal("No such key: 'subject'.", rules.Evaluate(0, frame).Error?.Message);
        Assert.Equal("No such key: 'total'.", rules.Evaluate(1, frame).Error?.Message);
    }

    [Fact]
    public void Rows_map_onto_slots_by_column()
    {
        var slots = new SlotTable();
        var problems = new List<CelProblem>();
        var scope = new Weft.Expressions.Checking.Scope(Weft.Expressions.Library.Libraries.All, [new VariableDeclaration("row", CelType.Object, ByPath: true)]);
        var compiled = Compiler.Compile("row.code.trim().upperAscii() + ':' + string(row.price * 2)", scope, slots, CelLimits.Default, problems);
        Assert.Empty(problems);
        string[] columns = ["id", "price", "code"];
        int[] places = [.. slots.Paths.Select(p => Array.IndexOf(columns, p.Fields[0]))];
        CelValue[] row = [CelValue.Of(1), CelValue.Of(21), CelValue.Of(" ab ")];
        var frame = DataRun.Frame(slots, compiled!.Plan);
        for (var slot = 0; slot < places.Length; slot++)
            frame.Slots[slot] = row[places[slot]];
        Assert.Equal("AB:42", compiled.Plan.Evaluate(frame).ToObject());
    }

    private static string Run(string expression, Message message)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var compiled = Compiler.Compile(expression, DataRun.Scope, slots, CelLimits.Default, problems);
        Assert.Empty(problems);
        var frame = DataRun.Frame(slots, compiled!.Plan);
        new EventSlots(slots).Fill(new Message(DataRun.InPage(message.Bytes.Span)), frame);
        using var buffer = new JsonBuffer();
        return DataRun.Json(buffer, compiled.Plan, frame);
    }
}
