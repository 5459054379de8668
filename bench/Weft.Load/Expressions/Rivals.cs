using System.Dynamic;
using System.Text;
using DevLab.JmesPath;
using DevLab.JmesPath.Expressions;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using RulesEngine.Models;

namespace Weft.Load.Expressions;

/// <summary>Functions of JavaScript over <c>order</c>, each prepared once.</summary>
internal sealed class InJint(IEnumerable<string> bodies)
{
    private static readonly Engine s_engine = new();

    private readonly JsonParser _parser = new(s_engine);
    private readonly JsValue[] _functions = [.. bodies.Select(body => s_engine.Evaluate($"(order => {body})"))];
    private JsValue _order = JsValue.Undefined;

    public InJint Read(byte[] json)
    {
        _order = _parser.Parse(Encoding.UTF8.GetString(json));
        return this;
    }

    public long Hits()
    {
        var hits = 0;
        foreach (var function in _functions)
        {
            if (s_engine.Invoke(function, _order).AsBoolean())
                hits++;
        }
        return hits;
    }

    public ReadOnlyMemory<byte> Transform() => Encoding.UTF8.GetBytes(s_engine.Invoke(_functions[0], _order).AsString());
}

/// <summary>Queries of JMESPath, each parsed once.</summary>
internal sealed class InJmesPath(IEnumerable<string> queries)
{
    private readonly JmesPathExpression[] _queries = [.. queries.Select(new JmesPath().Parse)];
    private JToken _order = JValue.CreateNull();

    public InJmesPath Read(byte[] json)
    {
        _order = JmesPath.ParseJson(Encoding.UTF8.GetString(json));
        return this;
    }

    public long Hits()
    {
        var hits = 0;
        foreach (var query in _queries)
        {
            if (query.Transform(_order).AsJToken() is JValue { Value: true })
                hits++;
        }
        return hits;
    }
}

/// <summary>Rules of RulesEngine over <c>order</c>, which is a class or, as for messages whose shape is not known, a dynamic object.</summary>
internal sealed class InRulesEngine
{
    private const string Workflow = "orders";

    private readonly RulesEngine.RulesEngine _engine;
    private readonly bool _isDynamic;
    private RuleParameter? _order;

    public InRulesEngine(bool isDynamic, IEnumerable<string> rules)
    {
        _isDynamic = isDynamic;
        var all = rules.Select((text, i) => new Rule { RuleName = $"rule {i}", Expression = text, RuleExpressionType = RuleExpressionType.LambdaExpression });
        _engine = new RulesEngine.RulesEngine([new Workflow { WorkflowName = Workflow, Rules = [.. all] }]);
    }

    public InRulesEngine Read(byte[] json)
    {
        object order = _isDynamic
            ? Newtonsoft.Json.JsonConvert.DeserializeObject<ExpandoObject>(Encoding.UTF8.GetString(json), new ExpandoObjectConverter())!
            : System.Text.Json.JsonSerializer.Deserialize(json, OrderJson.Default.OrderEvent)!;
        _order = new RuleParameter("order", order);
        return this;
    }

    public long Hits()
    {
        var results = _engine.ExecuteAllRulesAsync(Workflow, _order).AsTask().GetAwaiter().GetResult();
        var hits = 0;
        foreach (var result in results)
        {
            if (result.IsSuccess)
                hits++;
        }
        return hits;
    }
}
