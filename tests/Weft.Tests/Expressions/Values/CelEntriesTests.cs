using CsCheck;
using Weft.Expressions;
using static Weft.Tests.Expressions.Values.TestValues;

namespace Weft.Tests.Expressions.Values;

public sealed class CelEntriesTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(1000)]
    public void Keeps_the_order_and_finds_numbers_of_any_type(int count)
    {
        var builder = new CelEntries.Builder(new Arena());
        for (var i = 0; i < count; i++)
            Assert.Null(builder.Add(i % 2 == 0 ? CelValue.Of((long)i) : CelValue.Of((ulong)i), Text($"v{i}")));
        var map = builder.ToValue().AsMap;
        Assert.Equal(count, map.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i, map.Entry(i).Key.AsInt);
            foreach (var key in (CelValue[])[CelValue.Of((long)i), CelValue.Of((ulong)i), CelValue.Of((double)i), CelValue.Of((decimal)i)])
            {
                Assert.True(map.TryGet(key, out var value));
                Assert.True(ValueOperations.Equal(Text($"v{i}"), value, Frame()));
            }
        }
        foreach (var other in (CelValue[])[CelValue.Of(0.5), CelValue.Of(-1L), CelValue.Of(double.NaN), Text("1"), CelValue.True, CelValue.Null, CelValue.Of(1e300)])
            Assert.False(map.TryGet(other, out _));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    public void Refuses_the_same_key_twice(int count)
    {
        var builder = new CelEntries.Builder(new Arena());
        for (var i = 0; i < count; i++)
            Assert.Null(builder.Add(CelValue.Of((long)i), CelValue.Null));
        Assert.NotNull(builder.Add(CelValue.Of(1UL), CelValue.Null));
        Assert.Null(builder.Add(Text("1"), CelValue.Null));
        Assert.NotNull(builder.Add(Text("1"), CelValue.Null));
        Assert.Null(builder.Add(CelValue.True, CelValue.Null));
        Assert.Equal(count + 2, builder.ToValue().AsMap.Count);
    }

    [Fact]
    public void Refuses_what_is_no_key_and_keeps_an_error()
    {
        var builder = new CelEntries.Builder(new Arena());
        foreach (var key in (CelValue[])[CelValue.Null, CelValue.Of(1.0), List(), CelValue.Timestamp(0, 0)])
            Assert.Equal(CelErrorKind.Argument, builder.Add(key, CelValue.Null)!.Kind);
        Assert.Same(CelError.Overflow, builder.Add(CelValue.Of(CelError.Overflow), CelValue.Null));
    }

    [Fact]
    public void Stops_at_the_limit_of_memory()
    {
        var builder = new CelEntries.Builder(new Arena { MaxBytes = 480 });
        CelError? error = null;
        for (var i = 0L; error is null; i++)
            error = builder.Add(CelValue.Of(i), CelValue.Null);
        Assert.Equal(CelErrorKind.Limit, error.Kind);
        Assert.Equal(10, builder.Count);
    }

    [Fact]
    public void Finds_what_a_dictionary_finds() => Gen.Int[0, 40].List[0, 60].Sample(keys =>
    {
        var builder = new CelEntries.Builder(new Arena());
        var expected = new Dictionary<string, int>();
        foreach (var key in keys)
            Assert.Equal(expected.TryAdd($"k{key}", key), builder.Add(Text($"k{key}"), CelValue.Of((long)key)) is null);
        var map = builder.ToValue().AsMap;
        for (var key = 0; key <= 41; key++)
        {
            Assert.Equal(expected.ContainsKey($"k{key}"), map.TryGet(Text($"k{key}"), out var value));
            Assert.Equal(expected.GetValueOrDefault($"k{key}"), value.AsInt);
        }
    });
}
