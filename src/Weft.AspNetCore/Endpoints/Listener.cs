using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.Endpoints;

/// <summary>The kinds of address that a Weft process listens on. A request is served by what belongs to the kind it came through, and by nothing else.</summary>
internal enum ListenerKind
{
    /// <summary>Routes and open topics.</summary>
    Public,

    /// <summary>Health and metrics.</summary>
    Probes,

    /// <summary>The admin API.</summary>
    Admin,
}

/// <summary>
/// Marks connections with the kind of the address that took them. The mark is set when the connection is made, so nothing
/// that a caller writes into a request can change it.
/// </summary>
internal sealed class Listener(ListenerKind kind)
{
    /// <summary>The kind of the address that took the request; public when nobody said so, as in an app that hosts Weft.</summary>
    public static ListenerKind Of(HttpContext context) => context.Features.Get<Listener>()?.Kind ?? ListenerKind.Public;

    private ListenerKind Kind => kind;

    /// <summary>Marks every connection that <paramref name="connections"/> takes.</summary>
    public static void Mark(IConnectionBuilder connections, ListenerKind kind)
    {
        var mark = new Listener(kind);
        connections.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
    }
}
