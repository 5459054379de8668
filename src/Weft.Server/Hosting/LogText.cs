using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Weft.Diagnostics;

namespace Weft.Server.Hosting;

/// <summary>Log lines for people: time, level, code, text; an exception in the lines below.</summary>
internal sealed class LogText(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name it is chosen by.</summary>
    public const string FormatterName = "weft";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        textWriter.Write(LevelOf(entry.LogLevel));
        textWriter.Write(entry.EventId.Id >= 1000 && entry.Category.StartsWith("Weft", StringComparison.Ordinal)
            ? new EventCode(entry.EventId.Id).ToString()
            : entry.Category);
        textWriter.Write(' ');
        textWriter.WriteLine(entry.Formatter(entry.State, entry.Exception));
        if (entry.Exception is { } e)
            textWriter.WriteLine("    " + e.ToString().ReplaceLineEndings(Environment.NewLine + "    "));
    }

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Critical => "fatal ",
        LogLevel.Error => "error ",
        LogLevel.Warning => "warn  ",
        LogLevel.Information => "info  ",
        _ => "debug ",
    };
}
