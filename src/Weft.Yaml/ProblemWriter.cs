using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weft.Options;
using Weft.Yaml.Reading;

namespace Weft.Yaml;

/// <summary>Writes the problems of a reading. What could be a secret is written as <c>***</c>.</summary>
public static class ProblemWriter
{
    private static readonly JsonWriterOptions s_json = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes all problems. Lines end with a line feed.</summary>
    public static void Write(TextWriter writer, ReadResult result, ProblemFormat format = ProblemFormat.Text)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.Write(format switch
        {
            ProblemFormat.Json => Json(json => WriteArray(json, result)),
            ProblemFormat.Sarif => Json(json => WriteSarif(json, result)),
            ProblemFormat.GitHub => string.Concat(result.Problems.Select(GitHub)),
            _ => Text(result),
        });
    }

    private static string Text(ReadResult result)
    {
        var text = new StringBuilder();
        foreach (var problem in result.Problems)
        {
            var place = problem.Place is { } p ? p + " " : "";
            var severity = problem.Severity == ProblemSeverity.Warning ? "warning: " : "";
            text.Append(CultureInfo.InvariantCulture, $"{place}{problem.Code} {severity}{problem.Message}\n");
            if (problem.Place is not null && SourceLine.Of(problem.Place, result.Sources) is { } line)
                text.Append(line);
        }
        if (result.ProblemsLeft > 0)
            text.Append(CultureInfo.InvariantCulture, $"... and {result.ProblemsLeft} more.\n");
        return text.ToString();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_json))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void WriteArray(Utf8JsonWriter json, ReadResult result)
    {
        json.WriteStartArray();
        foreach (var problem in result.Problems)
        {
            json.WriteStartObject();
            json.WriteString("code", problem.Code.ToString());
            json.WriteString("severity", Severity(problem));
            if (problem.Place is { } place)
            {
                json.WriteString("file", place.File);
                json.WriteNumber("line", place.Line);
                json.WriteNumber("column", place.Column);
                json.WriteNumber("endLine", place.EndLine);
                json.WriteNumber("endColumn", place.EndColumn);
            }
            json.WriteString("path", problem.Path);
            if (problem.Value is not null)
                json.WriteString("value", problem.Value);
            json.WriteString("message", problem.Message);
            json.WriteString("help", Help(problem));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteSarif(Utf8JsonWriter json, ReadResult result)
    {
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "weft");
        json.WriteStartArray("rules");
        foreach (var code in result.Problems.Select(p => p.Code).Distinct().OrderBy(c => c.Number))
        {
            json.WriteStartObject();
            json.WriteString("id", code.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartArray("results");
        foreach (var problem in result.Problems)
            WriteSarifResult(json, problem);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSarifResult(Utf8JsonWriter json, OptionsProblem problem)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", problem.Code.ToString());
        json.WriteString("level", Severity(problem));
        json.WriteStartObject("message");
        json.WriteString("text", problem.Message);
        json.WriteEndObject();
        if (problem.Place is { } place)
        {
            json.WriteStartArray("locations");
            json.WriteStartObject();
            json.WriteStartObject("physicalLocation");
            json.WriteStartObject("artifactLocation");
            json.WriteString("uri", Uri.EscapeDataString(place.File.Replace('\\', '/')).Replace("%2F", "/", StringComparison.Ordinal));
            json.WriteEndObject();
            json.WriteStartObject("region");
            json.WriteNumber("startLine", place.Line);
            json.WriteNumber("startColumn", place.Column);
            json.WriteNumber("endLine", place.EndLine);
            json.WriteNumber("endColumn", place.EndColumn);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static string GitHub(OptionsProblem problem)
    {
        var place = problem.Place is { } p
            ? string.Create(CultureInfo.InvariantCulture, $"file={Property(p.File)},line={p.Line},col={p.Column},endLine={p.EndLine},endColumn={p.EndColumn},")
            : "";
        return $"::{Severity(problem)} {place}title={problem.Code}::{Escape(problem.Message)}\n";

        static string Escape(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
        static string Property(string text) => Escape(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
    }

    private static string Severity(OptionsProblem problem) => problem.Severity == ProblemSeverity.Error ? "error" : "warning";

    private static string Help(OptionsProblem problem) => string.Create(CultureInfo.InvariantCulture, $"docs/troubleshooting/{problem.Code.Number}.md");
}
