namespace Weft.Expressions.Planning;

/// <summary>
/// <c>a.or(b)</c> and <c>a.orValue(b)</c>: the other side is looked at only when the optional is none, so that neither its errors nor its
/// costs count otherwise.
/// </summary>
/// <param name="target">Says what it takes, when the values are others.</param>
/// <param name="optional">What may be none.</param>
/// <param name="other">What counts then.</param>
/// <param name="opens">Whether it gives the value in the optional rather than the optional.</param>
internal sealed class OtherwiseNode(CallTarget target, Node optional, Node other, bool opens) : Node
{
    public override CelValue Evaluate(Frame frame)
    {
        var first = optional.Evaluate(frame);
        if (first.IsError)
            return first;
        if (first.Kind == CelKind.Optional && first.AsOptional.HasValue)
            return opens ? first.AsOptional.Value : first;
        var second = other.Evaluate(frame);
        return second.IsError ? second : target.Run(frame, [first, second]);
    }
}
