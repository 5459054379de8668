using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Load.Cells;

/// <summary>What is published: an object whose JSON has 512 bytes.</summary>
public sealed record Order
{
    public const int JsonBytes = 512;

    // Numbers of ten digits and clock readings of nineteen, so that every order is as long as any other.
    private const long FirstNumber = 1_000_000_000, FirstDue = 1_000_000_000_000_000_000;
    private static readonly string s_note = new('n', JsonBytes - JsonSerializer.SerializeToUtf8Bytes(Bare(0, 0, ""), OrderJson.Default.Order).Length);

    public long Code { get; set; }

    public long DueCode { get; set; }

    public string Customer { get; set; } = "";

    public string City { get; set; } = "";

    public string[] Articles { get; set; } = [];

    public decimal Total { get; set; }

    public bool Express { get; set; }

    public string Note { get; set; } = "";

    /// <summary>Which order it is, from 0, unique within a cell.</summary>
    [JsonIgnore]
    public long Number => Code - FirstNumber;

    /// <summary>When it was due, by <see cref="System.Diagnostics.Stopwatch"/>; 0 when nobody asks.</summary>
    [JsonIgnore]
    public long Due => DueCode - FirstDue;

    public static Order Create(long number, long due = 0) => Bare(number, due, s_note);

    /// <summary>The whole as JSON, for cells without a library that writes it.</summary>
    public static byte[] Json(long number, long due = 0) => JsonSerializer.SerializeToUtf8Bytes(Create(number, due), OrderJson.Default.Order);

    public static Order Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, OrderJson.Default.Order)!;

    private static Order Bare(long number, long due, string note) => new()
    {
        Code = FirstNumber + number,
        DueCode = FirstDue + due,
        Customer = "Katharina Meyer",
        City = "Rotterdam",
        Articles = ["lamp 40 W", "shelf 80 cm", "screws 4x30"],
        Total = 129.95m,
        Express = true,
        Note = note,
    };
}

[JsonSerializable(typeof(Order))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
public sealed partial class OrderJson : JsonSerializerContext;
