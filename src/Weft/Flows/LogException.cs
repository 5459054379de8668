using Weft.Diagnostics;

namespace Weft.Flows;

/// <summary>A store could not do what it was asked. The message names the place, the cause and the remedy.</summary>
public sealed class LogException(EventCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The stable code, also of the log event and the troubleshooting page.</summary>
    public EventCode Code { get; } = code;
}
