using System.Text;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

/// <summary>What an evil expression asks for is stopped by the limits, before the memory is taken and the time is spent.</summary>
public sealed class LibraryLimitTests
{
    private static readonly CelLimits s_limits = new() { MaxBytes = 1 << 20, MaxSteps = 100_000 };

    // 100 KB each.
    private static readonly CelValue s_text = CelValue.Of(new string('a', 100_000));
    private static readonly CelValue s_list = CelValue.List([.. Enumerable.Repeat(s_text, 1000)]);

    private static CelValue Repeated(string text, int times) => CelValue.Of(string.Concat(Enumerable.Repeat(text, times)));

    [Fact]
    public void Memory_of_texts_is_bounded()
    {
        Stops("join", s_list, s_text);
        Stops("replace", s_text, CelValue.Of("a"), Repeated("b", 1000));
        Stops("replace", s_text, CelValue.Of(""), Repeated("b", 1000));
        Stops("format", Repeated("%s", 1000), s_list);
        Stops("format", Repeated("%x", 1000), s_list);
        Stops("format", Repeated("%.1000f", 2000), CelValue.List([.. Enumerable.Repeat(CelValue.Of(1.5), 2000)]));
        Stops("format", CelValue.Of("%s"), CelValue.List([CelValue.List([s_list, s_list])]));
        Stops("format", CelValue.Of("%s"), CelValue.List([LibraryCalls.Map(("a", s_list), ("b", s_list))]));
        Stops("strings.quote", Repeated("\n", 600_000));
        Stops("base64.encode", CelValue.Bytes(new byte[1 << 20]));
        Stops("upperAscii", Repeated("a", (1 << 20) + 1));
        Stops("reverse", Repeated("a", (1 << 20) + 1));
        Stops("merge", LibraryCalls.Json($"{{{string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"{i}\":1"))}}}"), LibraryCalls.Map());
    }

    [Fact]
    public void Memory_of_lists_is_bounded()
    {
        Stops("lists.range", CelValue.Of(5_000_000L));
        Stops("lists.range", CelValue.Of(long.MaxValue));
        Stops("split", s_text, CelValue.Of(""));
        Stops("split", s_text, CelValue.Of("a"));
        var list = LibraryCalls.Json($"[{string.Join(',', Enumerable.Repeat("1", 60_000))}]");
        Stops("reverse", list);
        Stops("sort", list);
        Stops("slice", list, CelValue.Of(0L), CelValue.Of(60_000L));
        Stops("flatten", CelValue.List([list]));
        Stops("sets.contains", list, list);
    }

    [Fact]
    public void Work_is_bounded()
    {
        var items = CelValue.List([.. Enumerable.Range(0, 10_000).Select(i => CelValue.Of((long)i))]);
        Stops("distinct", items);
        Stops("sets.equivalent", items, items);
        // Each place but the last nearly fits.
        var sought = CelValue.Of(new string('a', 50_000) + 'b');
        Stops("indexOf", s_text, sought);
        Stops("split", s_text, sought);
        Stops("replace", s_text, sought, CelValue.Of(""));
        Stops("lastIndexOf", s_text, sought);
        Stops("sort", s_list);
        Stops("distinct", CelValue.List([.. Enumerable.Range(0, 200).Select(i => CelValue.Of(new string('a', 100_000) + (char)('0' + i)))]));
    }

    private static void Stops(string name, params CelValue[] arguments)
    {
        var calls = new LibraryCalls(s_limits);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = calls.Call(name, arguments);

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(result.Error?.Kind == CelErrorKind.Limit, $"{name} gave a {result.Kind}.");
        Assert.NotNull(calls.Frame.Halted);
        // Room grows twofold, and the old room stays until the evaluation ends.
        Assert.True(allocated < 8 * s_limits.MaxBytes, $"{name} took {allocated} bytes.");
    }

    [Fact]
    public void A_text_that_just_fits_is_made()
    {
        var calls = new LibraryCalls(new CelLimits { MaxBytes = 100_000 });
        Assert.Equal(100_000, calls.Call("join", CelValue.List([.. Enumerable.Repeat(CelValue.Of(new string('x', 1000)), 100)])).AsSpan.Length);
        Assert.Null(calls.Frame.Halted);
        Assert.Equal("error Limit", calls.Show("join", new object[] { new object[] { "x" } }));
    }

    [Fact]
    public void Texts_within_texts_do_not_disturb_each_other()
    {
        // Keys that need room of their own while the text around them grows.
        var map = LibraryCalls.Map([.. Enumerable.Range(100, 300).Select(i => ((object)i, (object?)LibraryCalls.Json($"\"\\u0061{i}\"")))]);
        var calls = new LibraryCalls();
        var expected = string.Join(", ", Enumerable.Range(100, 300).Select(i => $"{i}: a{i}"));

        var text = calls.Call("format", CelValue.Of("%s%s"), CelValue.List([map, map]));
        Assert.Equal($"{{{expected}}}{{{expected}}}", Encoding.UTF8.GetString(text.AsSpan));
    }
}
