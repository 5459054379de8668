using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Options.Schema;

/// <summary>One text, or a list of them.</summary>
internal sealed class OneOrMore(TextShape<string> item, int max) : Shape<OptionsList<string>>
{
    private readonly ListOf<string> _list = new(item, max);

    public override string Kind => item.Kind;

    public override bool IsSecret => item.IsSecret;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out OptionsList<string> value)
    {
        if (node.Kind != NodeKind.Scalar || node.IsHole)
            return _list.TryRead(node, path, reader, out value);
        value = item.TryRead(node, path, reader, out var one) ? [one] : null;
        return value is not null;
    }

    public override void Check(OptionsList<string> value, OptionsPath path, Checking checking)
    {
        if (value.Count == 1)
            item.Check(value[0], path, checking);
        else
            _list.Check(value, path, checking);
    }

    public override void Write(OptionsList<string> value, Utf8JsonWriter json)
    {
        if (value.Count == 1)
            item.Write(value[0], json);
        else
            _list.Write(value, json);
    }

    public override string? Show(OptionsList<string> value) => value.Count == 1 ? item.Show(value[0]) : _list.Show(value);

    public override bool IsSet(OptionsList<string>? value) => value is { Count: > 0 };

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(item.Schema(), _list.Schema()) };
}

/// <summary>Who may call a route: a name, or a map that says more.</summary>
internal sealed class RouteAuthShape : Shape<RouteAuthOptions>
{
    private static readonly NameOf s_name = new("auth", ProcessKeys.AuthNames, noneAllowed: true);

    public override string Kind => s_name.Kind + ", or a map (anyOf, scopes, when)";

    public override ISection Below => AuthKeys.RouteAuth;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out RouteAuthOptions value) => TryReadOver(null, node, path, reader, out value);

    public override bool TryReadOver(RouteAuthOptions? start, Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out RouteAuthOptions value)
    {
        if (node.Kind != NodeKind.Scalar || node.IsHole || node.IsNull)
            return AuthKeys.RouteAuth.TryReadOver(start, node, path, reader, out value);
        value = s_name.TryRead(node, path, reader, out var name) ? RouteAuthOptions.FromString(name) : null;
        return value is not null;
    }

    public override void Check(RouteAuthOptions value, OptionsPath path, Checking checking)
    {
        if (value.IsPlain)
            s_name.Check(value.AnyOf[0], path, checking);
        else
            AuthKeys.RouteAuth.Check(value, path, checking);
    }

    public override void Write(RouteAuthOptions value, Utf8JsonWriter json)
    {
        if (value.IsPlain)
            s_name.Write(value.AnyOf[0], json);
        else
            AuthKeys.RouteAuth.Write(value, json);
    }

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(s_name.Schema(), AuthKeys.RouteAuth.Schema()) };
}
