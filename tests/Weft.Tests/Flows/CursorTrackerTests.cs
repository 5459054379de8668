using CsCheck;
using Weft.Flows;

namespace Weft.Tests.Flows;

public sealed class CursorTrackerTests
{
    // Positions mostly near each other, so that runs close, and some far ahead, so that the bitmap grows and shrinks.
    private static readonly Gen<long[]> s_positions = Gen.OneOf(Gen.Long[1, 40], Gen.Long[1, 200], Gen.Long[1, 3000]).Array[0, 400];

    [Fact]
    public void Says_the_same_as_a_set_of_positions() => Gen.Select(Gen.Long[0, 100], s_positions).Sample((start, positions) =>
    {
        var tracker = new CursorTracker(new Cursor(start, default));
        var settled = new HashSet<long>();
        foreach (long position in positions)
        {
            tracker.Settle(position);
            settled.Add(position);
        }
        AssertSame(settled, start, tracker.ToCursor());
        Assert.Equal(tracker.ToCursor().Above.Length, tracker.AboveLength);
    });

    [Fact]
    public void Goes_on_from_what_it_wrote() => Gen.Select(s_positions, s_positions).Sample((before, after) =>
    {
        var tracker = new CursorTracker(default);
        foreach (long position in before)
            tracker.Settle(position);
        tracker = new CursorTracker(tracker.ToCursor());
        foreach (long position in after)
            tracker.Settle(position);
        AssertSame([.. before, .. after], 0, tracker.ToCursor());
    });

    [Fact]
    public void Settling_everything_in_any_order_leaves_nothing_but_the_watermark() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int).Sample((count, seed) =>
        {
            var tracker = new CursorTracker(default);
            var positions = Enumerable.Range(1, count).Select(p => (long)p).ToArray();
            new Random(seed).Shuffle(positions);
            foreach (long position in positions)
                tracker.Settle(position);
            return tracker.Low == count && tracker.AboveLength == 0;
        });

    private static void AssertSame(HashSet<long> settled, long start, Cursor cursor)
    {
        long low = start;
        while (settled.Contains(low + 1))
            low++;
        Assert.Equal(low, cursor.Low);
        for (long position = 1; position <= 3100; position++)
            Assert.Equal(position <= start || settled.Contains(position), cursor.Contains(position));
    }
}
