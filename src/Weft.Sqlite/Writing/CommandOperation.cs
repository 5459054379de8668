namespace Weft.Sqlite.Writing;

/// <summary>Something rare that changes the store: opening, removing, trimming.</summary>
internal sealed class CommandOperation(Func<WriteSession, long> command) : WriteOperation
{
    internal override long Size => 0;

    protected override long ApplyCore(WriteSession session) => command(session);
}
