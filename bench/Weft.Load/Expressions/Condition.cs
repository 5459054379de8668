using System.Globalization;

namespace Weft.Load.Expressions;

/// <summary>A condition that can be written for each engine: what it compares is a path below the event.</summary>
/// <param name="Path">Such as <c>data.total</c>.</param>
/// <param name="Above">The number that it must be above; null for texts.</param>
/// <param name="Texts">The texts that it may be; with one it must be equal.</param>
/// <param name="Type">The type that the event must have besides; null for any.</param>
internal sealed record Condition(string Path, double? Above, string[] Texts, string? Type = null)
{
    /// <summary>The predicate of the bounds: three comparisons.</summary>
    public static string Predicate(string variable) =>
        $"{variable}.type == 'OrderCreated' && {variable}.data.total > 1000 && {variable}.data.country in ['DE', 'FR']";

    public string Cel(string variable) => Join("&&", $"{variable}.type == '{Type}'", Above is { } above ? $"{variable}.{Path} > {Number(above)}"
        : Texts.Length == 1 ? $"{variable}.{Path} == '{Texts[0]}'" : $"{variable}.{Path} in ['{string.Join("', '", Texts)}']");

    public string JavaScript() => Join("&&", $"order.type === '{Type}'", Above is { } above ? $"order.{Path} > {Number(above)}"
        : Texts.Length == 1 ? $"order.{Path} === '{Texts[0]}'" : $"['{string.Join("', '", Texts)}'].includes(order.{Path})");

    public string CSharp() => Join("&&", $"order.type == \"{Type}\"", Above is { } above ? $"order.{Path} > {Number(above)}"
        : $"({string.Join(" || ", Texts.Select(t => $"order.{Path} == \"{t}\""))})");

    public string JmesPath() => Join("&&", $"type == '{Type}'", Above is { } above ? $"{Path} > `{Number(above)}`"
        : Texts.Length == 1 ? $"{Path} == '{Texts[0]}'" : $"contains(`[\"{string.Join("\", \"", Texts)}\"]`, {Path})");

    /// <summary>A hundred different ones; about a third holds for the event.</summary>
    public static IReadOnlyList<Condition> Hundred()
    {
        (string Path, string Value)[] texts =
        [
            ("type", "OrderCreated"), ("source", "/shop/orders"), ("data.country", "DE"), ("data.channel", "web"), ("data.currency", "EUR"),
            ("data.customer.tier", "gold"), ("data.customer.id", "C-1077"), ("data.shipping.method", "express"), ("data.shipping.city", "Hamburg"), ("data.id", "ORD-48213"),
        ];
        (string Path, double Value)[] numbers = [("data.total", 1234.5), ("data.priority", 3), ("data.customer.since", 2019), ("data.shipping.weight", 12.4)];
        var all = new List<Condition>();
        for (var i = 0; i < 25; i++)
        {
            var (path, value) = texts[i % texts.Length];
            var (number, size) = numbers[i % numbers.Length];
            all.Add(new Condition(path, null, [i % 3 == 0 ? value : $"other-{i}"]));
            all.Add(new Condition(path, null, [$"first-{i}", i % 3 == 1 ? value : $"other-{i}", $"third-{i}"]));
            all.Add(new Condition(number, Math.Round(size) - 12 + i, []));
            all.Add(new Condition(number, Math.Round(size) - 13 + i, [], i % 2 == 0 ? "OrderCreated" : $"Order{i}"));
        }
        return all;
    }

    private string Join(string and, string type, string rest) => Type is null ? rest : $"{type} {and} {rest}";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
