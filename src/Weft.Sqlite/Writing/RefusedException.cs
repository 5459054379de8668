using Weft.Flows;

namespace Weft.Sqlite.Writing;

/// <summary>An operation cannot be done, and nothing was changed for it: it fails alone, and the others of its commit go on.</summary>
internal sealed class RefusedException(LogException reason) : Exception(reason.Message, reason)
{
    public LogException Reason { get; } = reason;
}
