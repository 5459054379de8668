namespace Weft.Sqlite;

/// <summary>Which subscriptions are open, or are being opened, moved or removed: one at a time has a name.</summary>
internal sealed class OpenNames
{
    private readonly HashSet<string> _names = [];

    /// <summary>Takes a name.</summary>
    /// <exception cref="Flows.LogException">Another has it.</exception>
    public void Take(string name)
    {
        lock (_names)
        {
            if (!_names.Add(name))
                throw SqliteErrors.SubscriptionIsOpen(name);
        }
    }

    /// <summary>Gives a name back.</summary>
    public void Release(string name)
    {
        lock (_names)
            _names.Remove(name);
    }
}
