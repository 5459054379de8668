using System.Globalization;
using Weft.AspNetCore.Endpoints;

namespace Weft.Server.Commands;

/// <summary>Dead letters for people.</summary>
internal static class DeadText
{
    private const int Named = 20;

    public static void Write(Terminal terminal, DeadPage page)
    {
        if (page.Items.Count == 0)
            terminal.Out.WriteLine("No dead letters.");
        terminal.WriteTable(["SUBSCRIPTION", "POSITION", "TYPE", "ID", "REASON", "TRIES", "LAST", ""], page.Items.Select(d => (string[])
            [d.Subscription, d.Position, d.Type, d.Id, d.Reason, Number(d.Attempts), Time(d.LastAt), Marks(d)]));
        if (page.Next is not null)
            terminal.Error.WriteLine($"There are more: --after {page.Next}");
        WriteErrors(terminal, page.WhereErrors);
    }

    public static void Write(Terminal terminal, DeadGroups groups)
    {
        if (groups.Groups.Count == 0)
            terminal.Out.WriteLine("No dead letters.");
        terminal.WriteTable(["SUBSCRIPTION", "REASON", "COUNT", "FIRST", "LAST", "ONE OF THEM", "CAUSE"], groups.Groups.Select(g => (string[])
            [g.Subscription, g.Reason, Number(g.Count), Time(g.FirstAt), Time(g.LastAt), g.Sample, g.Cause]));
        WriteErrors(terminal, groups.WhereErrors);
    }

    public static void Write(Terminal terminal, DeadView dead)
    {
        var attributes = dead.Attributes!;
        terminal.WriteTable(["DEAD LETTER", $"{dead.Subscription} {dead.Position}"],
        [
            ["topic", dead.Topic],
            ["reason", dead.Reason],
            ["detail", dead.Detail ?? ""],
            ["tries", $"{dead.Attempts}, first failed {Time(dead.FirstAt)}, last {Time(dead.LastAt)}"],
            .. (dead.History ?? []).Select(t => (string[])["", $"{Time(t.At)} try {t.Attempt}: {t.Reason} {t.Detail}".TrimEnd()]),
            .. dead.Replays is { } replays ? (string[][])[["replays", Number(replays)]] : [],
            .. dead.EditedAt is { } at ? (string[][])[["changed", $"{Time(at)} by {dead.EditedBy}"]] : [],
            ["key", dead.Key ?? ""],
            .. attributes.Select(a => (string[])[a.Key, a.Value]),
        ]);
        WriteData(terminal, dead.Data ?? dead.DataBase64);
        if (dead.Original is not { } original)
            return;
        terminal.Out.WriteLine("\nBefore it was changed:");
        var changed = original.Attributes.Where(a => attributes.GetValueOrDefault(a.Key) != a.Value).Concat(
            attributes.Where(a => !original.Attributes.ContainsKey(a.Key)).Select(a => KeyValuePair.Create(a.Key, "(not set)")));
        terminal.WriteTable(["ATTRIBUTE", "WAS"], changed.Select(a => (string[])[a.Key, a.Value]));
        WriteData(terminal, (original.Data, original.DataBase64) == (dead.Data, dead.DataBase64) ? "the same data" : original.Data ?? original.DataBase64 ?? "no data");
    }

    public static void Write(Terminal terminal, DeadResult done, bool replay)
    {
        string where = done.Receivers is { Count: > 0 } receivers ? $" to {string.Join(", ", receivers)}" : "";
        bool one = done.Positions.Count == 1;
        string verb = (replay, done.DryRun) switch
        {
            (true, true) => $"would be delivered again{where}",
            (true, false) => $"{(one ? "is" : "are")} delivered again{where}",
            (false, true) => "would be discarded",
            _ => $"{(one ? "was" : "were")} discarded",
        };
        terminal.Out.WriteLine($"{done.Positions.Count} dead {(one ? "letter" : "letters")} of {done.Subscription} {verb}{(done.Positions.Count is > 0 and <= Named ? ": " + string.Join(", ", done.Positions) : "")}.");
        if (done.Missing.Count > 0)
            terminal.Error.WriteLine($"Not found: {string.Join(", ", done.Missing)}.");
        WriteErrors(terminal, done.WhereErrors);
    }

    /// <summary>Says what a condition had no value for.</summary>
    public static void WriteErrors(Terminal terminal, WhereErrorsView? errors)
    {
        if (errors is not null)
            terminal.Error.WriteLine($"--where had no value for {errors.Count} of them, which count as no match. The last one, at position {errors.Position}: {errors.Error}");
    }

    public static void WriteData(Terminal terminal, string? data)
    {
        if (data is not null)
            terminal.Out.WriteLine($"\n{data}");
    }

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Marks(DeadView dead) =>
        string.Join(", ", ((string?[])[dead.EditedAt is null ? null : "changed", dead.Replays is { } replays ? $"replayed {replays}" : null]).Where(m => m is not null));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
