namespace Weft.Timeouts;

/// <summary>
/// The instant at which something must have ended, on the monotonic clock of a <see cref="TimeProvider"/>: setting the date does not move it. It is set once, where work comes in,
/// and everything done for that work draws on it, however many steps there are. The default value is <see cref="None"/>. Immutable, safe for use from many threads.
/// </summary>
/// <remarks>
/// A deadline that is over stays over: no sum or difference of times makes it <see cref="None"/>, and a time of zero or less is over at once, <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> included.
/// </remarks>
public readonly partial struct Deadline : IEquatable<Deadline>
{
    private readonly TimeProvider? _time;
    private readonly long _at;

    private Deadline(TimeProvider time, long at) => (_time, _at) = (time, at);

    /// <summary>No deadline.</summary>
    public static Deadline None => default;

    /// <summary>The deadline of the work that is being done here, as <see cref="Begin"/> set it; it flows with <c>await</c>. <see cref="None"/> when there is none.</summary>
    public static Deadline Current => DeadlineScope.Ambient?.Deadline ?? default;

    /// <summary>True when there is no deadline.</summary>
    public bool IsNone => _time is null;

    /// <summary>True when the time is over; never for <see cref="None"/>.</summary>
    public bool IsExpired => _time is not null && _time.GetTimestamp() >= _at;

    /// <summary>
    /// What is left: zero when the time is over, never less; <see cref="TimeSpan.MaxValue"/> for <see cref="None"/>, so that the smaller of two times is always right.
    /// </summary>
    public TimeSpan Remaining => _time is null ? TimeSpan.MaxValue : LeftAt(_time.GetTimestamp());

    /// <summary>A deadline, without making it the current one.</summary>
    /// <param name="total">From now. Zero or less is over at once.</param>
    /// <param name="time">Whose clock; null for the system's.</param>
    public static Deadline After(TimeSpan total, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        return After(total, time, time.GetTimestamp());
    }

    /// <summary>
    /// Sets <see cref="Current"/> until the scope is disposed of. When there is a current one that ends sooner, that one stays: inner deadlines can only be shorter.
    /// </summary>
    /// <param name="total">From now. Zero or less is over at once.</param>
    /// <param name="time">Whose clock; null for the system's.</param>
    /// <returns>Dispose of it in the method that began it.</returns>
    public static DeadlineScope Begin(TimeSpan total, TimeProvider? time = null) => After(total, time).Enter();

    /// <summary>
    /// Takes <see cref="Current"/> away until the scope is disposed of, for work that goes on when the caller has its answer: it would be cut by the caller's deadline otherwise.
    /// Give such work a deadline of its own with <see cref="Begin"/>.
    /// </summary>
    /// <returns>Dispose of it in the method that began it.</returns>
    public static DeadlineScope Shed() => new(None);

    /// <summary>Makes this the current deadline until the scope is disposed of, or keeps the current one when that ends sooner.</summary>
    /// <returns>Dispose of it in the method that began it.</returns>
    public DeadlineScope Enter() => new(Current.Sooner(this));

    /// <summary>The one of the two that ends first.</summary>
    /// <param name="other">The other one; it may follow another clock.</param>
    public Deadline Sooner(Deadline other)
    {
        if (_time is null || other._time is null)
            return _time is null ? other : this;
        var isSooner = ReferenceEquals(_time, other._time) ? _at <= other._at : Remaining <= other.Remaining;
        return isSooner ? this : other;
    }

    /// <summary>How long a step may take: its own longest time, or what is left without what later steps need, whichever is less.</summary>
    /// <param name="cap">The longest time of the step itself; <see cref="TimeSpan.MaxValue"/> for none.</param>
    /// <param name="reserve">The sum of what the mandatory steps after it need at least.</param>
    /// <returns>Zero, and never less, when it must not begin.</returns>
    public TimeSpan Step(TimeSpan cap, TimeSpan reserve) => Step(Remaining, cap, reserve);

    /// <summary>Whether both are the same instant of the same clock.</summary>
    public bool Equals(Deadline other) => ReferenceEquals(_time, other._time) && _at == other._at;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Deadline other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_time, _at);

    /// <summary>What is left, for logs.</summary>
    public override string ToString() => IsNone ? "none" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Remaining.TotalMilliseconds:0.#} ms left");

    /// <summary>Whether both are the same instant of the same clock.</summary>
    public static bool operator ==(Deadline left, Deadline right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Deadline left, Deadline right) => !left.Equals(right);

    /// <summary>A deadline from a timestamp that was read already.</summary>
    internal static Deadline After(TimeSpan total, TimeProvider time, long now) => new(time, now + Timestamps.From(total, time));

    /// <summary>What is left, with a timestamp of <paramref name="time"/> that was read already.</summary>
    internal TimeSpan LeftAt(TimeProvider time, long now) => _time is null ? TimeSpan.MaxValue : ReferenceEquals(time, _time) ? LeftAt(now) : Remaining;

    private static TimeSpan Step(TimeSpan left, TimeSpan cap, TimeSpan reserve)
    {
        // Without a deadline there is nothing to keep back from.
        var free = left == TimeSpan.MaxValue || reserve <= TimeSpan.Zero ? left : reserve >= left ? TimeSpan.Zero : left - reserve;
        var time = cap < free ? cap : free;
        return time < TimeSpan.Zero ? TimeSpan.Zero : time;
    }

    private TimeSpan LeftAt(long now) => now >= _at ? TimeSpan.Zero : Timestamps.ToTime(_at - now, _time!);
}
