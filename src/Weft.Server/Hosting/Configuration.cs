using Weft.Options;
using Weft.Yaml;

namespace Weft.Server.Hosting;

/// <summary>The configuration of the process: reads the files, says what is wrong with them, and changes over to them while running.</summary>
internal sealed class Configuration
{
    private readonly IReadOnlyList<string> _paths;
    private readonly OnlyFilter _only;
    private readonly Terminal _terminal;
    private string? _shown;

    /// <param name="paths">The files as they were named.</param>
    /// <param name="only">What of them runs here.</param>
    /// <param name="terminal">Where problems are shown.</param>
    public Configuration(IReadOnlyList<string> paths, OnlyFilter only, Terminal terminal)
    {
        (_paths, _only, _terminal, Files) = (paths, only, terminal, paths);
    }

    /// <summary>The first file: it gives the process its place.</summary>
    public string MainFile => _paths[0];

    /// <summary>All files that were read the last time, included ones too.</summary>
    public IReadOnlyList<string> Files { get; private set; }

    /// <summary>The folders in which more files may turn up that belong to the configuration.</summary>
    public IReadOnlyCollection<string> Folders { get; private set; } = [];

    /// <summary>Reads the files.</summary>
    /// <exception cref="CommandException">They have errors, which were shown, all of them.</exception>
    public WeftOptions Read() => ReadWithPlaces().Options;

    /// <summary>Reads the files, and keeps where everything stands.</summary>
    /// <exception cref="CommandException">They have errors, which were shown, all of them.</exception>
    public (WeftOptions Options, ReadResult Places) ReadWithPlaces()
    {
        var read = ReadShown();
        return (read.Options ?? throw new CommandException(ExitCode.Configuration, $"Nothing was started: {Count(read)} in {string.Join(", ", _paths)}."), read);
    }

    /// <summary>Reads the files, and leaves what shall run here.</summary>
    /// <exception cref="CommandException">They have errors, which were shown, all of them.</exception>
    /// <exception cref="WeftConfigurationException">They name C# handlers.</exception>
    public WeftOptions Load() => RefuseHandlers(_only.Apply(Read()));

    /// <summary>Reads the files anew and puts them in force; when that cannot be done, what runs goes on and the error is pending.</summary>
    public async Task ReloadAsync(WeftRuntime runtime, CancellationToken cancellation)
    {
        var read = ReadShown();
        if (read.Options is not { } next)
        {
            runtime.Reject($"{Count(read)}, the first: {read.Problems.First(p => p.Severity == ProblemSeverity.Error)}");
            return;
        }
        try
        {
            next = RefuseHandlers(_only.Apply(next));
            if (next == runtime.Options && runtime.PendingError is null)
                return;
            RefuseOtherListeners(runtime.Options.Server, next.Server);
        }
        catch (Exception e) when (e is CommandException or WeftConfigurationException)
        {
            runtime.Reject(e.Message);
            return;
        }
        await runtime.ReloadAsync(next, cancellation).ConfigureAwait(false);
    }

    // The same problems are shown once, however often the files are looked at.
    private ReadResult ReadShown()
    {
        var read = WeftFile.Read(_paths);
        (Files, Folders) = (read.Files, read.Folders);
        var text = new StringWriter();
        ProblemWriter.Write(text, read);
        if (text.ToString() != _shown)
            _terminal.Error.Write(text);
        _shown = text.ToString();
        return read;
    }

    private static string Count(ReadResult read) =>
        read.Problems.Count(p => p.Severity == ProblemSeverity.Error) + read.ProblemsLeft is var n && n == 1 ? "1 error" : $"{n} errors";

    private static WeftOptions RefuseHandlers(WeftOptions options)
    {
        foreach (var (name, subscription) in options.Subscriptions)
        {
            if (subscription is { Enabled: true, Handler: { } handler })
                throw new WeftConfigurationException($"subscriptions.{name}.handler is '{handler}': 'weft run' alone serves everything but C# handlers. Run it in a .NET program with AddWeft, use push, or leave it out here with --only.");
        }
        return options;
    }

    private static void RefuseOtherListeners(ServerOptions now, ServerOptions next)
    {
        string? changed = !now.Listen.Equals(next.Listen) ? "server.listen" : now.Probes != next.Probes ? "server.probes" : now.Admin != next.Admin ? "server.admin"
            : now.Log.Format != next.Log.Format ? "server.log.format" : null;
        if (changed is not null)
            throw new WeftConfigurationException($"{changed} has changed, which needs a restart. Nothing of the new file is in force.");
    }
}
