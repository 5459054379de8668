using CsCheck;
using Weft.Expressions;
using static Weft.Tests.Expressions.Values.TestValues;

namespace Weft.Tests.Expressions.Values;

/// <summary>Lists and maps give the same items whether they stand in JSON or not.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void Lists_and_maps_in_json_are_walked_as_made_ones() => Json().Sample(json =>
    {
        CelValue slice = Slice(json), made = Made(json);
        var frame = Frame();
        if (slice.Kind == CelKind.List)
            SameItems(slice, made, frame);
        else if (slice.Kind == CelKind.Map)
            SameEntries(slice, made, frame);
    });

    [Theory]
    [InlineData("""{"a":1,"a":2}""", "a", 1)]
    [InlineData("""{"\u0061":1}""", "a", 1)]
    [InlineData("""{"\\":1}""", "\\", 1)]
    [InlineData("""{"a\\b":1}""", "a\\b", 1)]
    [InlineData("""{"\uD83D\uDE00":1}""", "😀", 1)]
    [InlineData("""{"b":{"a":7},"a":1}""", "a", 1)]
    [InlineData("""{"\n":1}""", "\\n", null)]
    [InlineData("""{"ab":1}""", "a", null)]
    [InlineData("""{"\uD83D":1}""", "a", null)]
    [InlineData("{}", "", null)]
    public void Names_with_escapes_are_found(string json, string name, int? expected)
    {
        Assert.Equal(expected is not null, MapReader.TryGet(Slice(json), Text(name), Frame(), out var value));
        Assert.Equal(expected ?? 0, value.AsInt);
    }

    [Fact]
    public void Keys_of_json_are_texts_only() => Assert.False(MapReader.TryGet(Slice("""{"1":1}"""), CelValue.Of(1L), Frame(), out _));

    [Fact]
    public void Walking_through_json_counts_steps()
    {
        var list = Slice($"[{string.Join(",", Enumerable.Repeat("\"0123456789\"", 1000))}]");
        var frame = new Frame(0, 0, new CelLimits { MaxSteps = 100 });
        ListReader.Count(list, frame);
        Assert.Equal(CelErrorKind.Limit, frame.Halted!.Kind);
    }

    private static void SameItems(CelValue slice, CelValue made, Frame frame)
    {
        Assert.Equal(ListReader.Count(made, frame), ListReader.Count(slice, frame));
        ListReader a = new(slice, frame.Arena), b = new(made, frame.Arena);
        var index = 0;
        while (b.Next(out var expected))
        {
            Assert.True(a.Next(out var item));
            Assert.True(ValueOperations.Equal(expected, item, frame));
            Assert.True(ListReader.TryItem(slice, index++, frame, out item));
            Assert.True(ValueOperations.Equal(expected, item, frame));
        }
        Assert.False(a.Next(out _));
        Assert.False(ListReader.TryItem(slice, index, frame, out _));
        Assert.False(ListReader.TryItem(slice, -1, frame, out _));
    }

    private static void SameEntries(CelValue slice, CelValue made, Frame frame)
    {
        Assert.Equal(MapReader.Count(made, frame), MapReader.Count(slice, frame));
        MapReader a = new(slice, frame.Arena), keys = new(slice, frame.Arena), b = new(made, frame.Arena);
        while (b.Next(out var expectedKey, out var expected))
        {
            Assert.True(a.Next(out var key, out var value));
            Assert.True(ValueOperations.Equal(expectedKey, key, frame));
            Assert.True(ValueOperations.Equal(expected, value, frame));
            Assert.True(keys.NextKey(out key));
            Assert.True(ValueOperations.Equal(expectedKey, key, frame));
            Assert.True(MapReader.TryGet(slice, key, frame, out value));
            Assert.True(ValueOperations.Equal(expected, value, frame));
        }
        Assert.False(a.Next(out _, out _));
        Assert.False(keys.NextKey(out _));
    }
}
