using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weft.Options.Schema;

namespace Weft.Options;

/// <summary>Prints options as they are in effect, defaults included, in the form of the file.</summary>
public static class OptionsJson
{
    private static readonly JsonWriterOptions s_json = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The options as JSON, which is a valid <c>weft.yaml</c> too: reading it gives equal options. Secrets are not in it, only where they are found.
    /// </summary>
    public static string Write(WeftOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            json.WriteStartObject();
            json.WriteNumber("weft", WeftSchema.Version);
            WeftSchema.Root.WriteKeys(options, json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
