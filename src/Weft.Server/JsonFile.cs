using System.Globalization;
using System.Text.Json;

namespace Weft.Server;

/// <summary>Files of JSON that a command is given.</summary>
internal static class JsonFile
{
    /// <summary>Reads all of a file, or of standard input when the name is <c>-</c>. A byte order mark is left out.</summary>
    /// <exception cref="CommandException">It cannot be read, is empty, or is not UTF-8.</exception>
    public static ReadOnlyMemory<byte> Read(string file)
    {
        var bytes = ReadAll(file).AsMemory();
        if (bytes.Span is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw CommandException.Usage($"{Name(file)} is UTF-16, as its first two bytes say. Save it as UTF-8.");
        if (bytes.Span is [0xEF, 0xBB, 0xBF, ..])
            bytes = bytes[3..];
        return bytes.Span.Trim(" \t\r\n"u8).IsEmpty ? throw CommandException.Usage($"{Name(file)} is empty. It must hold JSON: a map, or a CloudEvent.") : bytes;
    }

    /// <summary>Reads JSON.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="CommandException">It is no JSON; the message has the place, with line and column from 1.</exception>
    public static JsonDocument Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{Name(file)}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}");
            throw CommandException.Usage($"{place} This is no JSON: {Reason(e)}");
        }
    }

    /// <summary>The name of a file for people.</summary>
    public static string Name(string file) => file == "-" ? "standard input" : file;

    /// <summary>What is wrong, without the place, which counts from 0, and without advice for programmers.</summary>
    public static string Reason(JsonException e)
    {
        var reason = e.Message;
        foreach (var tail in (string[])[" LineNumber:", " Path:", " Change the reader options."])
        {
            if (reason.IndexOf(tail, StringComparison.Ordinal) is >= 0 and var at)
                reason = reason[..at];
        }
        return reason;
    }

    private static byte[] ReadAll(string file)
    {
        try
        {
            if (file != "-")
                return Directory.Exists(file) ? throw CommandException.Usage($"{file} is a directory. Give a file of JSON.") : File.ReadAllBytes(file);
            using var all = new MemoryStream();
            using var input = Console.OpenStandardInput();
            input.CopyTo(all);
            return all.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CommandException.Usage($"There is no file {file}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{Name(file)} cannot be read: {e.Message}");
        }
    }
}
