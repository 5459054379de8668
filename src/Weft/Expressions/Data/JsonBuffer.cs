using System.Buffers;
using System.Text.Json;
using Weft.Expressions.Planning;

namespace Weft.Expressions.Data;

/// <summary>Where the JSON of plans is written; used again and again. Nothing partial comes out of it.</summary>
/// <remarks>Not safe for use from many threads.</remarks>
internal sealed class JsonBuffer : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;

    public JsonBuffer() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = PlainJsonEncoder.Instance, SkipValidation = true });

    /// <summary>Writes the value of a plan for what stands in the slots of the frame.</summary>
    /// <param name="plan">What is to be written.</param>
    /// <param name="frame">Its inputs.</param>
    /// <param name="json">The JSON text, good until the next writing; empty when there is an error.</param>
    /// <returns>Null, or why there is no value.</returns>
    public CelError? Write(Plan plan, Frame frame, out ReadOnlyMemory<byte> json)
    {
        json = default;
        _buffer.ResetWrittenCount();
        _json.Reset();
        frame.Reset();
        // An error that tells of the limit itself knows the leaf that met it.
        if ((plan.Root.Write(frame, _json) ?? frame.Halted) is { } error)
            return error.Kind == CelErrorKind.Limit ? error : frame.Halted ?? error;
        _json.Flush();
        json = _buffer.WrittenMemory;
        return null;
    }

    public void Dispose() => _json.Dispose();
}
