using System.Text;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;

namespace Weft.Tests.Expressions.Data;

/// <summary>What the tests of reading and writing data have in common.</summary>
internal static class DataRun
{
    public static Scope Scope { get; } = new(Libraries.All, [EventSlots.Variable, new VariableDeclaration("x", CelType.Dyn, ByPath: true), new VariableDeclaration("path", CelType.Dyn, ByPath: true)]);

    /// <summary>A text amid other bytes, as messages stand in the pages of a log. What stands around would be read as more of it.</summary>
    public static ArraySegment<byte> InPage(ReadOnlySpan<byte> text, string before = "9", string after = "9.5e")
    {
        byte[] page = [.. Encoding.UTF8.GetBytes(before), .. text, .. Encoding.UTF8.GetBytes(after)];
        return new ArraySegment<byte>(page, before.Length, text.Length);
    }

    public static ArraySegment<byte> InPage(string text) => InPage(Encoding.UTF8.GetBytes(text));

    public static Frame Frame(SlotTable slots, Plan plan) => new(slots.Paths.Count, plan.Locals, CelLimits.Default);

    /// <summary>A value as JSON; an error as its message in brackets.</summary>
    public static string Json(in CelValue value)
    {
        using var buffer = new JsonBuffer();
        return Json(buffer, new Plan(new ConstantNode(value), 0), TestFrame());
    }

    public static string Json(JsonBuffer buffer, Plan plan, Frame frame) =>
        buffer.Write(plan, frame, out var json) is { } error ? $"<{error.Message}>" : Encoding.UTF8.GetString(json.Span);

    public static Frame TestFrame() => new(0, 0, CelLimits.Default);

    /// <summary>Gives each variable below <c>x</c> the same value: paths are read from a JSON text.</summary>
    public static void Fill(SlotTable slots, Frame frame, string json) =>
        new JsonPaths([.. slots.Paths.Where(p => p.Variable == "x")], depth: 0).Fill(InPage(json), isTrusted: false, frame);
}
