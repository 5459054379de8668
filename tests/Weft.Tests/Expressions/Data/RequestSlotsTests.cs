using System.Text;
using Weft.Expressions;
using Weft.Expressions.Data;

namespace Weft.Tests.Expressions.Data;

/// <summary>Expressions over requests.</summary>
public sealed class RequestSlotsTests
{
    [Theory]
    [InlineData("request.method", "\"POST\"")]
    [InlineData("path.id + '/' + query.limit", "\"7/3\"")]
    [InlineData("path.no", "<No such key: 'no'.>")]
    [InlineData("has(query.no)", "false")]
    [InlineData("claims.sub.x", "<'x' is asked of something that has no fields.>")]
    [InlineData("headers['x-region']", "\"eu\"")]
    [InlineData("headers['X-Region']", "\"eu\"")]
    [InlineData("headers['x-re' + 'gion'] + headers['X-RE' + 'GION']", "\"eueu\"")]
    [InlineData("('x-re' + 'gion') in headers && !('x-no' in headers)", "true")]
    [InlineData("headers.map(k, k)", "[\"X-Region\"]")]
    [InlineData("claims.address.country + claims.roles[0]", "\"DEa\"")]
    [InlineData("'a' in claims.roles && has(claims.sub) && !has(claims.no)", "true")]
    [InlineData("claims", "{\"sub\":\"u-1\",\"roles\":[\"a\"],\"address\":{\"country\":\"DE\"}}")]
    [InlineData("body.total > 1.0 && body.lines.size() == 2", "true")]
    [InlineData("body.total", "1.10")]
    [InlineData("body", "{\"total\":1.10,\"lines\":[1,2]}")]
    [InlineData("body.no", "<No such key: 'no'.>")]
    public void Parts(string expression, string expected) => Assert.Equal(expected, Run(expression, "{\"total\":1.10,\"lines\":[1,2]}", isJson: true));

    [Theory]
    [InlineData("", true, "<The variable 'body' has no value.>", "<The variable 'body' has no value.>")]
    [InlineData("{", true, "<The data is no JSON.>", "<The data is no JSON.>")]
    [InlineData(" 42", true, "42", "<'a' is asked of something that has no fields.>")]
    [InlineData("{\"a\":1}", false, "\"{\\\"a\\\":1}\"", "<'a' is asked of something that has no fields.>")]
    public void Bodies(string body, bool isJson, string whole, string field)
    {
        Assert.Equal(whole, Run("body", body, isJson));
        Assert.Equal(field, Run("body.a", body, isJson));
    }

    [Fact]
    public void Only_what_asks_for_the_body_needs_it()
    {
        var rules = new RuleSet(Places.Request, CelLimits.Default);
        rules.Add("path.id == '7'", []);
        Assert.False(new RequestSlots(rules.Slots).NeedsBody);
        rules.Add("body.a", []);
        Assert.True(new RequestSlots(rules.Slots).NeedsBody);
    }

    private static string Run(string expression, string body, bool isJson)
    {
        var problems = new List<CelProblem>();
        var rules = new RuleSet(Places.Request, CelLimits.Default);
        rules.Add(expression, problems);
        Assert.Empty(problems);
        var frame = rules.NewFrame();
        new RequestSlots(rules.Slots).Fill(new View(isJson), DataRun.InPage(Encoding.UTF8.GetBytes(body)), frame);
        using var buffer = new JsonBuffer();
        return DataRun.Json(buffer, rules[0].Plan, frame);
    }

    private sealed class View(bool isJson) : IRequestView
    {
        private static readonly Dictionary<RequestPart, KeyValuePair<string, string>> s_parts = new()
        {
            [RequestPart.Request] = new("method", "POST"),
            [RequestPart.Path] = new("id", "7"),
            [RequestPart.Query] = new("limit", "3"),
            [RequestPart.Headers] = new("X-Region", "eu"),
        };

        public bool HasJsonBody => isJson;

        public ReadOnlyMemory<byte> Claims { get; } = "{\"sub\":\"u-1\",\"roles\":[\"a\"],\"address\":{\"country\":\"DE\"}}"u8.ToArray();

        public string? Get(RequestPart part, string name) =>
            s_parts[part].Key.Equals(name, part == RequestPart.Headers ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal) ? s_parts[part].Value : null;

        public IEnumerable<KeyValuePair<string, string>> All(RequestPart part) => [s_parts[part]];
    }
}
