namespace Weft.Timeouts;

/// <summary>A stretch of work with its deadline; see <see cref="Timeouts.Deadline.Begin"/>. Dispose of it in the method that began it, also when that awaits in between.</summary>
public sealed class DeadlineScope : IDisposable
{
    private static readonly AsyncLocal<DeadlineScope?> s_ambient = new();

    private readonly DeadlineScope? _outer;
    private volatile bool _isOver;

    internal DeadlineScope(Deadline deadline)
    {
        (_outer, Deadline) = (Ambient, deadline);
        s_ambient.Value = this;
    }

    /// <summary>The deadline that holds in it: the one that was asked for, or an outer one that ends sooner.</summary>
    public Deadline Deadline { get; }

    internal static DeadlineScope? Ambient => s_ambient.Value;

    /// <summary>Sets the current deadline for the rest of an async method and what it calls; when the method returns, that of its caller holds again.</summary>
    internal static void Set(Deadline deadline) => _ = new DeadlineScope(deadline);

    /// <summary>Gives back the deadline that held before. Disposing of an outer scope first, or twice, does no harm. Work begun inside that still runs keeps the deadline.</summary>
    public void Dispose()
    {
        _isOver = true;
        if (Ambient != this)
            return;
        var outer = _outer;
        while (outer is { _isOver: true })
            outer = outer._outer;
        s_ambient.Value = outer;
    }
}
