using Weft.EventBus;
using Weft.Flows;
using Weft.Options;
using Weft.Testing;

namespace Weft.Tests.EventBus;

/// <summary>Has every connection use one log in memory.</summary>
internal sealed class OneLog(InMemoryMessageLog log) : ILogFactory
{
    public bool Handles(ConnectionOptions connection) => true;

    public ValueTask<IMessageLog> OpenAsync(string name, ConnectionOptions connection, CancellationToken cancellation) => new(log);
}
