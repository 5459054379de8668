using System.Text;
using CsCheck;
using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>A random event, in terms that belong to no implementation.</summary>
internal sealed record SampleEvent(
    string Id, string Source, string Type, string? Subject, DateTimeOffset? Time, string? PartitionKey, (string Name, object Value)[] Extensions, SampleData Data)
{
    public Message ToMessage()
    {
        var builder = new MessageBuilder().Set("type", Type).Set("id", Id).Set("source", Source).Set("subject", Subject).Set("partitionkey", PartitionKey);
        if (Time is { } time)
            builder.Set("time", time);
        builder.Set("datacontenttype", Data.ContentType);
        foreach (var (name, value) in Extensions)
        {
            _ = value switch
            {
                bool b => builder.Set(name, b),
                int i => builder.Set(name, i),
                _ => builder.Set(name, (string)value),
            };
        }
        return Data switch
        {
            { Json: { } json } => builder.BuildJson(Encoding.UTF8.GetBytes(json)),
            { Bytes: { } bytes } => builder.BuildBytes(bytes),
            _ => builder.Build(),
        };
    }
}

/// <summary>Random data: JSON, bytes, or none.</summary>
internal sealed record SampleData(string? ContentType, string? Json, byte[]? Bytes)
{
    public string AsText => Json ?? (Bytes is null ? "" : Convert.ToHexString(Bytes));
}

/// <summary>Generators of random events.</summary>
internal static class EventGen
{
    private static readonly Gen<string> s_character = Gen.Frequency(
        (8, Gen.Int[0x20, 0x7E]),
        (2, Gen.Char["%\"\\ ,;"].Select(c => (int)c)),
        (1, Gen.Int[0xA0, 0xD7FF]),
        (1, Gen.Int[0xE000, 0xFDCF]),
        (1, Gen.Int[0xFDF0, 0xFFFD]),
        (1, Gen.Int[0x10000, 0x1FFFD])).Select(char.ConvertFromUtf32);

    public static readonly Gen<string> Text = s_character.Array[1, 20].Select(string.Concat);

    private static readonly Gen<string> s_name = Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789"].Array[8, 20].Select(c => new string(c));

    private static readonly Gen<string> s_source = Gen.OneOf(
        Gen.Char["abcXYZ019-._~/:%"].Array[1, 12].Select(c => "/" + new string(c).Replace("%", "%2F")),
        Gen.Char["abc019"].Array[1, 12].Select(c => "urn:x:" + new string(c)),
        Gen.Char["abc019"].Array[1, 12].Select(c => $"https://example.com/{new string(c)}?q=1#f"));

    private static readonly Gen<DateTimeOffset> s_time = Gen.Long[0, new DateTime(9000, 1, 1).Ticks].Select(t => new DateTimeOffset(t, TimeSpan.Zero));

    private static readonly Gen<(string, object)> s_extension = Gen.Select(
        s_name, Gen.OneOf(Text.Select(t => (object)t), Gen.Int.Select(i => (object)i), Gen.Bool.Select(b => (object)b)));

    public static readonly Gen<string> Json = Gen.Recursive<string>((depth, json) => depth > 3
        ? Scalar
        : Gen.Frequency<string>(
            (3, Scalar),
            (1, json.Array[0, 4].Select(a => $"[{string.Join(" ,", a)}]")),
            (1, Gen.Select(s_name, json).Array[0, 4].Select(a => $"{{{string.Join(", ", a.DistinctBy(m => m.Item1).Select(m => $"\"{m.Item1}\" : {m.Item2}"))}}}"))));

    public static readonly Gen<SampleData> Data = Gen.Frequency<SampleData>(
        (4, Gen.Select(Json, Gen.OneOf("application/json", "application/vnd.order+json; charset=utf-8", null), (json, type) => new SampleData(type, json, null))),
        (2, Gen.Byte.Array[1, 40].Select(bytes => new SampleData("application/octet-stream", null, bytes))),
        (1, Gen.Const(new SampleData(null, null, null))));

    public static readonly Gen<SampleEvent> Event = Gen.Select(
        Text,
        s_source,
        Text,
        Gen.Null(Text),
        Gen.Nullable(s_time),
        Gen.Null(Text),
        s_extension.Array[0, 6].Select(a => a.DistinctBy(e => e.Item1).ToArray()),
        Data,
        (id, source, type, subject, time, key, extensions, data) => new SampleEvent(id, source, type, subject, time, key, extensions, data));

    private static Gen<string> Scalar => Gen.OneOf(
        Gen.OneOf("null", "true", "false", "\"\"", "-0", "1.10", "1E400", "123456789012345678901234567890.5", "\"\\ud83d\\ude00 \\/ \\u0041\""),
        Gen.Int.Select(i => $"{i}"),
        Text.Select(t => System.Text.Json.JsonSerializer.Serialize(t)));
}
