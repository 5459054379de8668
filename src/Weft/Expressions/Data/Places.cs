using Weft.Expressions.Checking;
using Weft.Expressions.Library;

namespace Weft.Expressions.Data;

/// <summary>What expressions may use at the places of the file where they stand.</summary>
internal static class Places
{
    /// <summary>On a topic: <c>event</c> and <c>vars</c>.</summary>
    public static Scope Event { get; } = new(Libraries.All, [EventSlots.Variable, Vars.Variable]);

    /// <summary>At a request: <c>request path query headers claims body</c> and <c>vars</c>.</summary>
    public static Scope Request { get; } = new(Libraries.All, [.. RequestSlots.Variables, Vars.Variable]);
}
