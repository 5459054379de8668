namespace Weft.Expressions.Planning;

/// <summary>An expression that is ready to run. Safe for use from many threads, each with a frame of its own.</summary>
/// <param name="Root">The step that gives the value.</param>
/// <param name="Locals">How many variables of loops and bindings it needs in <see cref="Frame.Locals"/>.</param>
internal sealed record Plan(Node Root, int Locals)
{
    /// <summary>The value for what stands in the slots of the frame; an error when there is none. Never throws on what the data may hold.</summary>
    public CelValue Evaluate(Frame frame) => Evaluate(Root, frame);

    /// <inheritdoc cref="Evaluate(Frame)"/>
    /// <param name="root">The step that gives the value.</param>
    /// <param name="frame">Its inputs.</param>
    public static CelValue Evaluate(Node root, Frame frame)
    {
        frame.Reset();
        var value = root.Evaluate(frame);
        return frame.Halted is { } halted ? CelValue.Of(halted) : value;
    }
}
