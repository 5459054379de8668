using Weft.Flows;
using Weft.Options;

namespace Weft.EventBus;

/// <summary>Opens the message log of a kind of connection. A connector registers one.</summary>
public interface ILogFactory
{
    /// <summary>Whether this factory knows such a connection.</summary>
    bool Handles(ConnectionOptions connection);

    /// <summary>Opens the log.</summary>
    /// <exception cref="LogException">The store cannot be used; the code and the text say why.</exception>
    ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation);

    /// <summary>What an operator can do with the store of such a connection; null when there is nothing.</summary>
    IStoreTools? Tools(ConnectionOptions connection) => null;
}
