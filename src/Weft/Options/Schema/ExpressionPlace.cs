using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;

namespace Weft.Options.Schema;

/// <summary>A kind of place where expressions stand: what they may use there, and which of its names exist.</summary>
/// <param name="Scope">Variables and functions.</param>
/// <param name="Example">An expression that makes sense there.</param>
/// <param name="Condition">A condition that makes sense there.</param>
internal sealed record ExpressionPlace(Scope Scope, string Example, string Condition)
{
    private static readonly string[] s_request = ["method", "path", "host", "scheme", "clientAddress", "id"];

    /// <summary>On a topic.</summary>
    public static ExpressionPlace Event { get; } = new(Places.Event, "event.data.customerId", "event.type == 'OrderCreated'");

    /// <summary>At a request.</summary>
    public static ExpressionPlace Request { get; } = new(Places.Request, "body.id", "request.method == 'GET'");

    /// <summary>At a request whose body was not read.</summary>
    public static ExpressionPlace Caller { get; } = new(Places.Caller, "request.clientAddress", "claims.tenant == 'acme'");

    /// <summary>At the answer of a service.</summary>
    public static ExpressionPlace Response { get; } = new(Places.Response, "response.body.id", "response.status == 200");

    /// <summary>At the answer of a service whose body was not read.</summary>
    public static ExpressionPlace ResponseHead { get; } = new(Places.ResponseHead, "response.headers.server", "response.status == 200");

    /// <summary>At a request that has no route yet.</summary>
    public static ExpressionPlace Match { get; } = new(Places.Match, "query.region", "headers['x-tenant'] == 'acme'");

    /// <summary>Reports paths that can have no value: names of <c>vars</c>, holes of the route's path and attributes that are none.</summary>
    public static void CheckPaths(string text, SlotTable slots, OptionsPath path, Checking checking)
    {
        foreach (var slot in slots.Paths.Where(s => s.Fields.Length > 0))
        {
            if (Wrong(slot, path, checking.Options) is not { } wrong)
                continue;
            var name = $"{slot.Variable}.{slot.Fields[0]}";
            var at = text.IndexOf(name, StringComparison.Ordinal);
            checking.ReportExpression(path, at < 0 ? new CelProblem(0, text.Length, wrong) : new CelProblem(at, name.Length, wrong));
        }
    }

    private static string? Wrong(SlotPath slot, OptionsPath path, WeftOptions options)
    {
        var field = slot.Fields[0];
        return slot.Variable switch
        {
            Vars.Name => Among(field, "vars", [.. options.Vars.Keys]),
            "request" => Among(field, "request", s_request),
            // The rest of the path, as templates read it.
            "path" when field is ['*', ..] => null,
            "path" when Holes(path, options) is { } holes => Among(field, "path", holes),
            EventSlots.Name when field != "data" && !field.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) =>
                $"'{field}' cannot be an attribute of an event: those have small letters and digits. Fields of the data stand below event.data.",
            EventSlots.Name when field != "data" && slot.Fields.Length > 1 => $"The attribute '{field}' of an event has no fields. Fields of the data stand below event.data.",
            _ => null,
        };
    }

    private static string? Among(string field, string variable, string[] names) => names.Contains(field) ? null
        : $"{variable} has no '{field}'.{Nearest.Hint(field, names)} {(names.Length == 0 ? "It has nothing." : $"It has: {string.Join(", ", names)}.")}";

    /// <summary>The name of the rest of the path of the route that an option belongs to, such as <c>rest</c>; null for none.</summary>
    public static string? Tail(OptionsPath path, WeftOptions options) =>
        path.Steps().ToArray() is [{ Name: "routes" }, var route, ..] && options.Routes.TryGetValue(route.Name, out var found) ? found.Match.Tail : null;

    /// <summary>The names of the holes in the path of the route or stub that an option belongs to; null when it belongs to none.</summary>
    private static string[]? Holes(OptionsPath path, WeftOptions options)
    {
        OptionsPath[] steps = [.. path.Steps()];
        var pattern = steps switch
        {
            [{ Name: "routes" }, var route, ..] => options.Routes.GetValueOrDefault(route.Name)?.Match.Path,
            [{ Name: "services" }, _, { Name: "stub" }, var key, ..] => key.Name,
            _ => null,
        };
        return pattern?.Split('/').Where(s => s is ['{', .., '}']).Select(s => s.Trim('{', '}', '*')).ToArray();
    }
}
