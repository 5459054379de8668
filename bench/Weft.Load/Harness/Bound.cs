namespace Weft.Load.Harness;

/// <summary>A figure that the project has promised, beside what was measured.</summary>
/// <param name="Name">What is bounded, such as <c>appends against raw SQLite, 64 publishers</c>.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Limit">What was promised.</param>
/// <param name="Unit">The unit of both: <c>x</c>, <c>ms</c>, <c>B/event</c>.</param>
/// <param name="Holds">Whether the promise is kept.</param>
/// <param name="Sign">How the limit reads: <c>at most</c> or <c>at least</c>.</param>
internal sealed record Bound(string Name, double Figure, double Limit, string Unit, bool Holds, string Sign = "limit")
{
    /// <summary>A figure that must not be above its limit. A figure that is not a number falls short.</summary>
    public static Bound AtMost(string name, double figure, double limit, string unit) =>
        new(name, figure, limit, unit, figure <= limit, "at most");

    /// <summary>A figure that must not be below its limit. A figure that is not a number falls short.</summary>
    public static Bound AtLeast(string name, double figure, double limit, string unit) =>
        new(name, figure, limit, unit, figure >= limit, "at least");
}
