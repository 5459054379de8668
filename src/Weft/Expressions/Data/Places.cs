using Weft.Expressions.Checking;
using Weft.Expressions.Library;

namespace Weft.Expressions.Data;

/// <summary>What expressions may use at the places of the file where they stand.</summary>
internal static class Places
{
    /// <summary>On a topic: <c>event</c> and <c>vars</c>.</summary>
    public static Scope Event { get; } = new(Libraries.All, [EventSlots.Variable, Vars.Variable]);

    /// <summary>Over dead letters: <c>event</c>, <c>vars</c>, and what is known of the dead letter.</summary>
    public static Scope Dead { get; } = new(Libraries.All,
    [
        EventSlots.Variable, Vars.Variable,
        new VariableDeclaration("dead.reason", CelType.String), new VariableDeclaration("dead.detail", CelType.String), new VariableDeclaration("dead.attempts", CelType.Int),
        new VariableDeclaration("dead.firstAt", CelType.Timestamp), new VariableDeclaration("dead.lastAt", CelType.Timestamp), new VariableDeclaration("dead.key", CelType.String),
        new VariableDeclaration("dead.subscription", CelType.String), new VariableDeclaration("dead.position", CelType.Int),
    ]);

    /// <summary>At a request: <c>request path query headers claims body</c> and <c>vars</c>.</summary>
    public static Scope Request { get; } = new(Libraries.All, [.. RequestSlots.Variables, Vars.Variable]);

    /// <summary>Where the body of a request was not read: as <see cref="Request"/>, without <c>body</c>.</summary>
    public static Scope Caller { get; } = new(Libraries.All, [.. RequestSlots.Variables.Where(v => v.Name != "body"), Vars.Variable]);

    /// <summary>At the answer of a service: as <see cref="Caller"/>, and <c>response.status</c>, <c>response.headers</c> and <c>response.body</c>.</summary>
    public static Scope Response { get; } = new(Libraries.All, [.. RequestSlots.Variables.Where(v => v.Name != "body"), .. ResponseSlots.Variables, Vars.Variable]);

    /// <summary>Where the body of an answer was not read: as <see cref="Response"/>, without <c>response.body</c>.</summary>
    public static Scope ResponseHead { get; } = new(Libraries.All, [.. RequestSlots.Variables.Where(v => v.Name != "body"), .. ResponseSlots.Variables.Where(v => v.Name != "response.body"), Vars.Variable]);

    /// <summary>Where a request has no route yet: as <see cref="Request"/>, without <c>claims</c> and <c>body</c>, which come later.</summary>
    public static Scope Match { get; } = new(Libraries.All, [.. RequestSlots.Variables.Where(v => v.Name is not ("claims" or "body")), Vars.Variable]);
}
