using System.Text;
using System.Text.Json;
using CsCheck;
using Weft.Expressions;
using Weft.Expressions.Data;

namespace Weft.Tests.Expressions.Data;

/// <summary>Paths into JSON, read in one pass: what is there, what is not, and at which name.</summary>
public sealed class JsonPathsTests
{
    private const string Sample = """
        { "skip": {"id":"no","list":[{"id":1}]}, "customer": {"id":"c-7","n\u0061me":"a\u20ac\"b","age":4.20,"vip":true,"none":null,"list":[1 , {"a":2}],"empty":""},
          "big":12345678901234567890, "dup":{"a":1}, "dup":{"b":2}, "half":"\ud800", "\ud800":1, "\ud800x":{}, "":{"":7} }
        """;

    [Theory]
    [InlineData("customer.id", "\"c-7\"")]
    [InlineData("customer.name", "\"a€\\\"b\"")]
    [InlineData("customer.age", "4.20")]
    [InlineData("customer.vip", "true")]
    [InlineData("customer.none", "null")]
    [InlineData("customer.list", "[1 , {\"a\":2}]")]
    [InlineData("customer.empty", "\"\"")]
    [InlineData("big", "12345678901234567890")]
    [InlineData("dup.a", "1")]
    [InlineData("dup.b", "<No such key: 'b'.>")]
    [InlineData("half", "<A text of the data holds half a surrogate pair.>")]
    [InlineData(".", "7")]
    [InlineData("id", "<No such key: 'id'.>")]
    [InlineData("customer.id.more", "<'more' is asked of something that has no fields.>")]
    [InlineData("customer.list.a", "<'a' is asked of something that has no fields.>")]
    [InlineData("no.such", "<No such key: 'no'.>")]
    public void One_path(string path, string expected) => Assert.Equal(expected, DataRun.Json(Read(Sample, path)[0]));

    [Fact]
    public void A_path_and_what_is_below_it()
    {
        var values = Read(Sample, "customer", "customer.list", "customer.age", "customer.no", "dup");
        Assert.Equal(
            ["""{"id":"c-7","n\u0061me":"a\u20ac\"b","age":4.20,"vip":true,"none":null,"list":[1 , {"a":2}],"empty":""}""",
                "[1 , {\"a\":2}]", "4.20", "<No such key: 'no'.>", "{\"a\":1}"],
            values.Select(v => DataRun.Json(v)));
    }

    [Theory]
    [InlineData("42", "42")]
    [InlineData(" -1.50 ", "-1.50")]
    [InlineData("1e3", "1e3")]
    [InlineData("\"t\"", "\"t\"")]
    [InlineData("\"\\t\"", "\"\\t\"")]
    [InlineData("true", "true")]
    [InlineData(" [ ] ", "[ ]")]
    [InlineData("{}", "{}")]
    public void The_whole_text_may_be_any_value(string json, string expected) => Assert.Equal(expected, DataRun.Json(Read(json, "")[0]));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{\"a\":{\"b\":[1,}}")]
    [InlineData("{\"b\":1,broken")]
    [InlineData("{\"a\":{\"b\":\"\\u12\"}}")]
    [InlineData("{\"a\":01}")]
    public void What_is_no_JSON_says_so_in_every_value(string json) =>
        Assert.All(Read(json, "a.b", "c"), v => Assert.Equal("<The data is no JSON.>", DataRun.Json(v)));

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_no_JSON() =>
        Assert.Equal("<The data is no JSON.>", DataRun.Json(Read([.. "{\"a\":1,\"b\":\""u8, 0xff, .. "\"}"u8], "a")[0]));

    [Fact]
    public void Reading_ends_when_all_is_found() => Assert.Equal("1", DataRun.Json(Read("{\"a\":{\"b\":1, broken", "a.b")[0]));

    [Fact]
    public void Too_deep_a_text_is_refused() =>
        Assert.Equal("<The data is no JSON.>", DataRun.Json(Read($"{{\"a\":{new string('[', 64)}{new string(']', 64)}}}", "a")[0]));

    [Fact]
    public void Values_are_those_that_a_document_has() =>
        Gen.Select(Json(3), s_paths).Sample((json, paths) =>
        {
            using var document = JsonDocument.Parse(json);
            var values = Read(json, paths);
            for (var i = 0; i < paths.Length; i++)
                AssertSame(document.RootElement, paths[i], values[i]);
        }, iter: 3000);

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Select(Json(3), Gen.Int[0, 200], Gen.Byte, s_paths).Sample((json, at, value, paths) =>
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            bytes[at % bytes.Length] = value;
            foreach (var read in Read(bytes, paths))
                _ = DataRun.Json(read);
        }, iter: 3000);

    private static readonly Gen<string> s_name = Values.TestValues.Among("a", "b", "ab", "c", "");

    private static readonly Gen<string[]> s_paths = s_name.Array[0, 3].Select(names => string.Join('.', names)).Array[1, 6].Select(paths => paths.Distinct().ToArray());

    /// <summary>Documents with the names of the paths, some spelled with escapes, some twice in one object.</summary>
    private static Gen<string> Json(int depth)
    {
        var scalar = Values.TestValues.Among("null", "true", "-0", "1", "1.50", "1e400", "\"\"", "\"\\\"é😀\"", "\"\\ud83d\\ude00\"", "{}", "[]");
        if (depth == 0)
            return scalar;
        var below = Json(depth - 1);
        var name = Values.TestValues.Among("a", "\\u0061", "b", "a\\u0062", "ab", "c", "", "z");
        var map = Gen.Select(name, below).Array[0, 5].Select(entries => $"{{{string.Join(" ,", entries.Select(e => $" \"{e.Item1}\": {e.Item2}"))}}}");
        return Gen.Frequency((1, scalar), (1, below.Array[0, 3].Select(items => $"[{string.Join(", ", items)} ]")), (6, map));
    }

    private static void AssertSame(JsonElement at, string path, in CelValue value)
    {
        var fields = Fields(path);
        for (var depth = 0; depth < fields.Length; depth++)
        {
            if (at.ValueKind != JsonValueKind.Object)
            {
                Assert.Equal(CelErrorKind.NoSuchOverload, value.Error?.Kind);
                return;
            }
            // Of a name that is there twice the first counts; TryGetProperty gives the last.
            var found = at.EnumerateObject().Where(m => m.Name == fields[depth]).Take(1).ToArray();
            if (found.Length == 0)
            {
                Assert.Equal(depth, value.Error?.Missing?.Depth);
                return;
            }
            at = found[0].Value;
        }
        if (at.ValueKind == JsonValueKind.String)
            Assert.Equal(at.GetString(), value.ToObject());
        else
            Assert.Equal(at.GetRawText(), DataRun.Json(value));
    }

    private static string[] Fields(string path) => path.Length == 0 ? [] : path.Split('.');

    private static CelValue[] Read(string json, params string[] paths) => Read(Encoding.UTF8.GetBytes(json), paths);

    private static CelValue[] Read(ReadOnlySpan<byte> json, params string[] paths)
    {
        var slots = new SlotTable();
        int[] numbers = [.. paths.Select(p => slots.Number("x", Fields(p)))];
        var frame = new Frame(slots.Paths.Count, 0, CelLimits.Default);
        // What an earlier text left behind must not be seen again.
        Array.Fill(frame.Slots, CelValue.Of("old"));
        new JsonPaths(slots.Paths, depth: 0).Fill(DataRun.InPage(json), isTrusted: false, frame);
        return [.. numbers.Select(n => frame.Slots[n])];
    }
}
