using Weft.Flows;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>The open stores by connection name.</summary>
internal sealed class StoreSet(IEnumerable<ILogFactory> factories)
{
    private readonly Dictionary<string, (ConnectionOptions Options, IMessageLog Log)> _open = new(StringComparer.Ordinal);

    /// <summary>The open store of a connection, or one that is opened now and closed again when the reload fails.</summary>
    public async ValueTask<IMessageLog> OpenAsync(
        string name, ConnectionOptions options, Dictionary<string, (ConnectionOptions Options, IMessageLog Log)> opened, CancellationToken cancellation)
    {
        if (_open.TryGetValue(name, out var store) || opened.TryGetValue(name, out store))
        {
            return store.Options == options
                ? store.Log
                : throw new WeftConfigurationException($"connections.{name} has changed while it is in use. Restart the process to apply it, or give the new store another name.");
        }

        var factory = factories.FirstOrDefault(f => f.Handles(options))
            ?? throw new WeftConfigurationException($"connections.{name} is of a kind that no registered package can open. Reference Weft.Sqlite and call UseSqlite(), or Weft.Postgres and UsePostgres().");
        var log = await factory.OpenAsync(name, options, cancellation).ConfigureAwait(false);
        opened.Add(name, (options, log));
        return log;
    }

    /// <summary>Keeps what a reload has opened.</summary>
    public void Keep(Dictionary<string, (ConnectionOptions Options, IMessageLog Log)> opened)
    {
        foreach (var (name, store) in opened)
            _open.Add(name, store);
    }

    /// <summary>Closes the stores that are in none of <paramref name="used"/>.</summary>
    public async Task CloseAllButAsync(IReadOnlySet<IMessageLog> used)
    {
        foreach (var (name, store) in _open.ToArray())
        {
            if (used.Contains(store.Log))
                continue;
            _open.Remove(name);
            await store.Log.DisposeAsync().ConfigureAwait(false);
        }
    }
}
