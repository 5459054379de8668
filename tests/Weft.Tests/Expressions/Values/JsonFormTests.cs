using System.Text;
using System.Text.Json;
using CsCheck;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Values;

/// <summary>What is taken for JSON is what the reader of .NET takes for JSON.</summary>
public sealed class JsonFormTests
{
    private static readonly Gen<string> s_pieces = TestValues.Among(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\"", "\"\\u00e9\"", "\\u12", "0", "1", "-", ".", "1.5", "e", "E+", "-0", "true", "false", "null", "nul", " ", "\t\r\n", "\u000b", "\u0001",
        "\"a text that is longer than sixteen bytes\\n, with an escape in it\"", "\"\u007f é😀\"", "{\"a\":[", "]}", "/");

    [Fact]
    public void Random_pieces() => s_pieces.Array[0, 12].Sample(pieces => AssertSame(string.Concat(pieces)), iter: 30_000);

    [Fact]
    public void Changed_documents() => Gen.Select(TestValues.Json(), Gen.Int[0, 500], s_pieces, Gen.Int[0, 2]).Sample((json, at, piece, removed) =>
    {
        at %= json.Length;
        AssertSame(json.Remove(at, Math.Min(removed, json.Length - at)).Insert(at, piece));
        AssertSame(json);
    }, iter: 10_000);

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    public void Nesting_ends_at_64(int depth)
    {
        AssertSame(new string('[', depth) + new string(']', depth));
        AssertSame(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth));
        AssertSame(string.Concat(Enumerable.Repeat("[{\"a\":", depth / 2)) + "{}" + string.Concat(Enumerable.Repeat("}]", depth / 2)));
    }

    [Fact]
    public void Depth_counts_what_is_around()
    {
        Assert.Equal(4, JsonForm.Skip("[[]]"u8, 0, 62));
        Assert.Equal(JsonForm.Broken, JsonForm.Skip("[[]]"u8, 0, 63));
    }

    [Fact]
    public void Every_length_of_a_text_ends_at_its_quote()
    {
        for (var length = 0; length < 70; length++)
        {
            foreach (var special in (string[])["", "\\n", "\\u0041", "\u0002", "é"])
                AssertSame($"[\"{new string('x', length)}{special}{new string('y', length % 20)}\", 1]");
        }
    }

    [Fact]
    public void Texts_may_go_over_any_boundary()
    {
        var special = TestValues.Among("", "", "\\n", "\\\\", "\\\"", "\\u0041", "\\u004", "\u0002", "é", "\\x");
        var text = Gen.Select(Gen.Int[0, 150], special, Gen.Int[0, 70]).Select((before, middle, after) => $"\"{new string('x', before)}{middle}{new string('y', after)}\"");
        Gen.Select(text.Array[1, 5], text.Array[5], Gen.Int[1, 1000]).Sample((names, values, end) =>
        {
            var json = $"[{{{string.Join(',', names.Zip(values, (name, value) => $"{name} : {value}"))}}},1]";
            AssertSame(json);
            AssertSame(json[..Math.Min(end, json.Length)]);
        }, iter: 10_000);
    }

    private static void AssertSame(string json)
    {
        // What stands behind the end is not part of the text, however well it would fit.
        byte[] page = [.. Encoding.UTF8.GetBytes(json), .. "\"]}"u8];
        var utf8 = page.AsSpan(..^3);
        var start = JsonSlice.SkipSpace(utf8, 0);
        var end = JsonForm.Skip(utf8, start, 0);
        Assert.InRange(end, JsonForm.Broken, utf8.Length);
        Assert.Equal(IsJson(utf8), end >= 0 && JsonSlice.SkipSpace(utf8, end) == utf8.Length);
    }

    private static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
