using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>The services of an app that sets up Weft over a log, with a connection for it.</summary>
    public static ServiceProvider Build(InMemoryMessageLog log, TimeProvider time, Action<WeftBuilder> configure, BusUse? use = null)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(time).AddSingleton<ILogFactory>(new OneLog(log));
        if (use is not null)
            services.AddSingleton(use);
        return services.AddWeft(weft => configure(weft.Connection("main", new ConnectionOptions { Sqlite = "unused.db" }))).BuildServiceProvider();
    }
}
