using System.Text.Json;

namespace Weft.Expressions;

/// <summary>Values as JSON: what stood in JSON before is copied as it stood there.</summary>
internal static partial class JsonOutput
{
    /// <summary>Writes a value.</summary>
    /// <returns>Null, or why it cannot be JSON (an error, NaN, a key that is no text).</returns>
    public static CelError? Write(in CelValue value, Frame frame, Utf8JsonWriter json) => throw new NotImplementedException();
}
