using System.Text.Json;

namespace Weft.Expressions.Planning;

/// <summary>A step of an expression that is ready to run. Nodes hold no state: one expression runs on many threads, each with its own frame.</summary>
internal abstract class Node
{
    /// <summary>Its value, or an error. Never throws on what the data may hold.</summary>
    public abstract CelValue Evaluate(Frame frame);

    /// <summary>The same without a copy, when the value stands somewhere already.</summary>
    /// <param name="frame">What is evaluated.</param>
    /// <param name="room">Gets a value that is made.</param>
    public virtual ref readonly CelValue Look(Frame frame, ref CelValue room)
    {
        room = Evaluate(frame);
        return ref room;
    }

    /// <summary>
    /// Writes its value as JSON without making it first, where it can: lists and maps item by item, numbers with their digits.
    /// </summary>
    /// <returns>Null, or why there is no value; what was written until then is to be thrown away.</returns>
    public virtual CelError? Write(Frame frame, Utf8JsonWriter json) => JsonOutput.Write(Evaluate(frame), frame, json);
}
