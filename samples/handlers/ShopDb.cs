using System.Threading.Channels;

namespace Weft.Samples.Handlers;

/// <summary>Stands for the database of a shop: what is saved in it is printed.</summary>
internal sealed class ShopDb(Channel<string> saved) : IDisposable
{
    private readonly List<string> _changes = [];

    public async Task SaveAsync(string change, CancellationToken cancellation)
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        _changes.Add(change);
    }

    // At the end of the delivery, with its scope.
    public void Dispose()
    {
        foreach (string change in _changes)
            saved.Writer.TryWrite(change);
    }
}
