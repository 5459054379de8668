using Weft.Expressions;

namespace Weft.Tests.Expressions.Library;

/// <summary>After the first evaluations the common functions allocate nothing.</summary>
public sealed class LibraryAllocationTests
{
    [Fact]
    public void Texts()
    {
        AllocatesNothing("charAt", "cafe\u0301 😀", 6);
        AllocatesNothing("indexOf", "a rather long text, and in it what is sought", "what is sought", 3);
        AllocatesNothing("lastIndexOf", "a rather long text, and in it what is sought", "what is sought");
        AllocatesNothing("substring", "tacocat", 1, 3);
        AllocatesNothing("trim", "  text ");
        AllocatesNothing("upperAscii", "text");
        AllocatesNothing("reverse", "text");
        AllocatesNothing("replace", "{0} days {0} hours", "{0}", "many more than before");
        AllocatesNothing("split", "a,b,c,d", ",");
        AllocatesNothing("join", new object[] { "a", "b", "c" }, ", ");
        AllocatesNothing("join", "json:[\"a\",\"b\\n\"]", ", ");
        AllocatesNothing("strings.quote", "a \"text\"");
        AllocatesNothing("format", "%s %d %.2f %e %x %b", new object[] { "a", 42, 1.25, 1e9, 255, true });
        AllocatesNothing("format", "%s", new object[] { "json:{\"b\":[1.5,2],\"a\":{\"c\":null}}" });
        AllocatesNothing("base64.encode", new byte[] { 1, 2, 3, 4 });
        AllocatesNothing("base64.decode", "AQIDBA==");
        AllocatesNothing("hash", "customer-4711");
        AllocatesNothing("hash", 4711, "xxh64");
        AllocatesNothing("shard", "customer-4711", 16);
    }

    [Fact]
    public void Numbers_and_lists()
    {
        AllocatesNothing("math.@max", "json:[1, 2.5, 2]");
        AllocatesNothing("math.round", 1.5);
        AllocatesNothing("math.bitAnd", 6, 3);
        AllocatesNothing("slice", "json:[1,2,3,4]", 1, 3);
        AllocatesNothing("flatten", "json:[1,[2,3],[4]]");
        AllocatesNothing("reverse", "json:[1,2,3]");
        AllocatesNothing("distinct", "json:[1,2,1]");
        AllocatesNothing("sort", "json:[3,\"1\",2]");
        AllocatesNothing("sort", [new object[] { 3, 1, 2, 5, 4 }]);
        AllocatesNothing("lists.range", 20);
        AllocatesNothing("sets.contains", "json:[1,2,3]", "json:[3,1]");
    }

    private static void AllocatesNothing(string name, params object[] arguments)
    {
        var calls = new LibraryCalls();
        CelValue[] values = [.. arguments.Select(LibraryCalls.Value)];
        var overload = LibraryCalls.Find(name, values);
        Assert.NotNull(overload);
        Run(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(50);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated == 0, $"{overload.Id} allocates {allocated / 50} bytes.");

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                overload.Run!(calls.Frame, values);
                calls.Frame.Reset();
            }
        }
    }
}
