using System.Text;
using System.Text.Json;
using Weft.Messages;

namespace Weft.Load.Expressions;

/// <summary>The event that all engines look at: an order of about 1 KB.</summary>
internal static class OrderText
{
    /// <summary>The event in structured mode, written on one line.</summary>
    public static byte[] Event(string type = "OrderCreated", string total = "1234.5", string? country = "DE") => Encoding.UTF8.GetBytes($$"""
        {"specversion":"1.0","id":"7c9e6679-7425-40de-944b","source":"/shop/orders","type":"{{type}}","time":"2026-03-01T12:34:56.789Z","data":{
        "id":"ORD-48213","channel":"web","priority":3,"currency":"EUR","customer":{"id":"C-1077","name":"Ada Lindqvist","email":"ada@example.com","tier":"gold","since":2019},
        "shipping":{"method":"express","city":"Hamburg","postcode":"20095","weight":12.4},"items":[
        {"sku":"SKU-1001","name":"Desk lamp","qty":3,"price":129.9},{"sku":"SKU-1002","name":"Notebook","qty":1,"price":4.5},
        {"sku":"SKU-1003","name":"Office chair","qty":2,"price":310},{"sku":"SKU-1004","name":"Cable","qty":1,"price":9.9},
        {"sku":"SKU-1005","name":"Monitor arm","qty":2,"price":89.5},{"sku":"SKU-1006","name":"Mouse","qty":1,"price":19.9},
        {"sku":"SKU-1007","name":"Mouse pad","qty":4,"price":12.5},{"sku":"SKU-1008","name":"Foot rest","qty":1,"price":44.9}],
        "note":"leave at the door",{{(country is null ? "" : $"\"country\":\"{country}\",")}}"total":{{total}}
        }
        }
        """.Replace("\n", "", StringComparison.Ordinal));

    /// <summary>Events that tell engines apart which do not read the predicate alike, each with what the predicate gives.</summary>
    public static IEnumerable<(byte[] Event, bool Holds)> Cases() =>
    [
        (Event(), true),
        (Event(country: "FR", total: "1001"), true),
        (Event(type: "OrderShipped"), false),
        (Event(total: "1000"), false),
        (Event(total: "999.99"), false),
        (Event(country: "US"), false),
        (Event(country: null), false),
    ];

    /// <summary>The event as the bus stores it.</summary>
    public static Message Stored(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var builder = new MessageBuilder();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name is not ("data" or "specversion"))
                builder.Set(member.Name, member.Value.GetString());
        }
        return builder.BuildJson(Encoding.UTF8.GetBytes(document.RootElement.GetProperty("data").GetRawText()));
    }
}
