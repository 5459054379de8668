using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

/// <summary>Measures what functions allocate after the first calls.</summary>
internal static class LibraryAllocation
{
    public static void IsNone(Action<Registry> library, string function, params CelValue[] arguments)
    {
        var registry = new Registry();
        library(registry);
        var overload = registry.Functions[function].Overloads.First(o => o.Accepts(arguments));
        var frame = new Frame(0, 0, CelLimits.Default);
        Run(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(50);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, $"{overload.Id} allocates {(GC.GetAllocatedBytesForCurrentThread() - before) / 50} bytes.");

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                frame.Reset();
                overload.Run!(frame, arguments);
            }
        }
    }
}
