namespace Weft.ServiceRegistry.Health;

/// <summary>
/// What the calls to an instance have shown: failures in a row, and for how long it is out because of them. There are no timers: that its time is over is found at the
/// next use. Safe for use from many threads; times are timestamps of the time provider.
/// </summary>
internal sealed class Ejection
{
    private const long Never = long.MinValue;

    private readonly Lock _changing = new();
    private int _row, _count;
    private long _until = Never;
    private bool _isOnTrial, _isAwaited;

    /// <summary>Until when it is out, or was the last time.</summary>
    public long Until => Volatile.Read(ref _until);

    /// <summary>How often it was taken out, less what good times have taken off.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Failures in a row.</summary>
    public int Row => Volatile.Read(ref _row);

    /// <summary>Whether it is out.</summary>
    public bool IsOut(long now) => now < Until;

    /// <summary>A call succeeded.</summary>
    public void Succeed()
    {
        if (Volatile.Read(ref _row) == 0 && !Volatile.Read(ref _isOnTrial))
            return;
        lock (_changing)
            (_row, _isOnTrial) = (0, false);
    }

    /// <summary>A call failed.</summary>
    /// <param name="threshold">How many failures in a row are too many. After its return the first one is, until a call has succeeded.</param>
    /// <param name="startedAt">When the call began: one from before the return says nothing about the time after it.</param>
    /// <returns>Whether it should be taken out.</returns>
    public bool Fail(int threshold, long startedAt)
    {
        lock (_changing)
            return startedAt >= _until && (++_row >= threshold || _isOnTrial);
    }

    /// <summary>Takes it out, longer each time, unless that has been done.</summary>
    /// <param name="first">For how long the first time; each such time that it stayed in takes one of the earlier ones off.</param>
    /// <param name="longest">The longest.</param>
    /// <param name="now">The present.</param>
    public bool TryEject(long first, long longest, long now)
    {
        lock (_changing)
        {
            if (now < _until)
                return false;
            if (_until != Never)
                _count = (int)Math.Max(0, _count - ((now - _until) / first));
            _count++;
            _until = now + Math.Min(longest, first * _count);
            (_row, _isOnTrial, _isAwaited) = (0, true, true);
            return true;
        }
    }

    /// <summary>True once after each time that it was out.</summary>
    public bool TryReturn(long now)
    {
        if (now < Until || !Volatile.Read(ref _isAwaited))
            return false;
        lock (_changing)
        {
            var returns = _isAwaited && now >= _until;
            if (returns)
                _isAwaited = false;
            return returns;
        }
    }

    /// <summary>Lets it in and forgets everything.</summary>
    public void Forget()
    {
        lock (_changing)
            (_row, _count, _until, _isOnTrial, _isAwaited) = (0, 0, Never, false, false);
    }
}
