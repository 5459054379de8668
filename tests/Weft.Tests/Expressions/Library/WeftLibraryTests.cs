using System.Text;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

public sealed class WeftLibraryTests
{
    private readonly LibraryCalls _calls = new();

    [Theory]
    [InlineData("{'a': 1, 'b': 3, 'c': 4}", "{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}")]
    [InlineData("{'a': {'y': 2}}", "{\"a\":{\"x\":1}}", "{\"a\":{\"y\":2}}")]
    [InlineData("{}", "{}", "{}")]
    [InlineData("{'a': null}", "{}", "{\"a\":null}")]
    [InlineData("{'a': 1, 'b': 5}", "{\"a\":1,\"a\":2}", "{\"b\":5,\"b\":6}")]
    [InlineData("{'ü': 2}", "{\"\\u00fc\":1}", "{\"ü\":2}")]
    [InlineData("error Argument", "{\"\\ud83d\":1}", "{}")]
    [InlineData("error Argument", "{}", "{\"a\":\"\\ud83d\"}")]
    public void Merges(string expected, string a, string b)
    {
        CelValue first = LibraryCalls.Json(a), second = LibraryCalls.Json(b);
        Assert.Equal(expected, _calls.Show("merge", first, second));
        Assert.Equal(expected, _calls.Show("with", first, second));
    }

    [Fact]
    public void Merges_maps_of_any_form_and_keys()
    {
        var made = LibraryCalls.Map(("a", 1), (true, 2), (3, "x"));
        Assert.Equal("{'a': 9, true: 2, 3: 'x', 'z': [1]}", _calls.Show("merge", made, LibraryCalls.Json("{\"a\":9,\"z\":[1]}")));
        Assert.Equal("{'a': 1, true: 2, 3: 'x'}", _calls.Show("merge", LibraryCalls.Json("{\"a\":9}"), made));
        Assert.Equal("{'a': 1, true: 2, 3: 'y'}", _calls.Show("with", made, LibraryCalls.Map((3u, "y"))));
    }

    [Fact]
    public void Keeps_the_digits_of_what_stood_in_json()
    {
        var merged = _calls.Call("merge", LibraryCalls.Json("{\"total\":1.10}"), LibraryCalls.Json("{\"b\":{\"c\":2.00}}"));
        Assert.True(merged.AsMap.Entry(0).Value.IsJson);
        Assert.True(merged.AsMap.Entry(1).Value.IsJson);
    }

    [Theory]
    [InlineData("{'b': 2}", "without", "a", "c")]
    [InlineData("{'a': 1, 'c': 3}", "pick", "c", "a")]
    [InlineData("{'a': 1, 'b': 2, 'c': 3}", "without", "x")]
    [InlineData("{}", "pick", "x")]
    [InlineData("{'a': 1}", "pick", "a", "a", "a", "a", "a", "a", "a", "a")]
    [InlineData("error NoSuchOverload", "pick", "a", "a", "a", "a", "a", "a", "a", "a", "a")]
    [InlineData("error NoSuchOverload", "pick", 1)]
    public void Takes_entries(string expected, string name, params object[] names)
    {
        const string Json = "{\"a\":1,\"b\":2,\"c\":3}";
        var made = LibraryCalls.Map(("a", 1), ("b", 2), ("c", 3));
        Assert.Equal(expected, _calls.Show(name, [LibraryCalls.Json(Json), .. names]));
        Assert.Equal(expected, _calls.Show(name, [made, .. names]));
        if (names is ["x"] or ["a", "c"] or ["c", "a"])
            Assert.Equal(expected, _calls.Show(name, made, names));
    }

    [Fact]
    public void Takes_names_from_lists_of_texts_only()
    {
        Assert.Equal("{}", _calls.Show("pick", LibraryCalls.Json("{\"a\":1}"), "json:[]"));
        Assert.Equal("{'a': 1}", _calls.Show("pick", LibraryCalls.Json("{\"a\":1}"), "json:[\"\\u0061\"]"));
        Assert.Equal("error NoSuchOverload", _calls.Show("pick", LibraryCalls.Json("{\"a\":1}"), "json:[1]"));
    }

    [Theory]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc", null)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "", "sha256")]
    [InlineData("ef46db3751d8e999", "", "xxh64")]
    [InlineData("d24ec4f1a98c6e5b", "a", "xxh64")]
    [InlineData("44bc2cf5ad770999", "abc", "xxh64")]
    [InlineData("fbcea83c8a378bf1", "Nobody inspects the spammish repetition", "xxh64")]
    public void Hashes(string expected, string value, string? algorithm)
    {
        object[] more = algorithm is null ? [] : [algorithm];
        Assert.Equal($"'{expected}'", _calls.Show("hash", [value, .. more]));
        Assert.Equal($"'{expected}'", _calls.Show("hash", [Encoding.UTF8.GetBytes(value), .. more]));
    }

    [Fact]
    public void Hashes_ints_and_bools_as_their_text()
    {
        Assert.Equal(_calls.Show("hash", "-7"), _calls.Show("hash", -7));
        Assert.Equal(_calls.Show("hash", "18446744073709551615"), _calls.Show("hash", ulong.MaxValue));
        Assert.Equal(_calls.Show("hash", "true"), _calls.Show("hash", true));
        Assert.Equal("error Argument", _calls.Show("hash", "a", "md5"));
        Assert.Equal("error NoSuchOverload", _calls.Show("hash", 1.5));
    }

    [Fact]
    public void Shards_evenly_and_always_alike()
    {
        var counts = new int[16];
        for (var i = 0; i < 16_000; i++)
            counts[_calls.Call("shard", CelValue.Of($"order-{i}"), CelValue.Of(16L)).AsInt]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));

        // A change of these would send keys to other shards after an update.
        Assert.Equal((long)(0x44bc2cf5ad770999UL % 1000), _calls.Call("shard", CelValue.Of("abc"), CelValue.Of(1000L)).AsInt);
        Assert.Equal("0", _calls.Show("shard", "abc", 1));
        Assert.Equal("error Argument", _calls.Show("shard", "abc", 0));
    }

    [Fact]
    public void Makes_addresses_of_images()
    {
        var registry = LibraryCalls.MakeRegistry("https://cdn.example.com/optimize?url={url}&size={size}&format=webp");
        CelValue url = CelValue.Of("https://shop.example/a b/ü.png?v=1&x=%41#{size}"), size = CelValue.Of(300L);

        var address = LibraryCalls.Find("image", [url, size], registry)!.Run!(_calls.Frame, [url, size]);

        Assert.Equal(
            "'https://cdn.example.com/optimize?url=https%3A%2F%2Fshop.example%2Fa%20b%2F%C3%BC.png"
            + "%3Fv%3D1%26x%3D%2541%23%7Bsize%7D&size=300&format=webp'",
            _calls.Show(address));
        size = CelValue.Of("thumb&x");
        address = LibraryCalls.Find("image", [url, size], registry)!.Run!(_calls.Frame, [url, size]);
        Assert.EndsWith("&size=thumb%26x&format=webp'", _calls.Show(address), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_service_for_images_an_expression_is_refused_and_told_what_to_write_until_there_is_one()
    {
        const string refusal = "that key is not in this version. Until then write the address: 'https://cdn.example.com/optimize?size=300&url=' + url.";
        Assert.Contains(refusal, _calls.Call("image", CelValue.Of("x"), CelValue.Of(1L)).Error!.Message, StringComparison.Ordinal);
        Assert.False(CelEnvironment.Default.TryCompile("'a' + image('x', 1)", out _, out var problems));
        var problem = Assert.Single(problems);
        Assert.Equal((6, 5), (problem.Start, problem.Length));
        Assert.Contains(refusal, problem.Message, StringComparison.Ordinal);
    }
}
