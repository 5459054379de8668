using Weft.Options;

namespace Weft.Retry;

/// <summary>
/// How many repeats the callers of one service may make, all of this process together: a bucket of tokens. Each first attempt puts in a share of a token, time puts
/// in a few, each repeat or hedge takes one. It holds what a window of time puts in and no more, so a long healthy time does not pay for a storm. A budget, unlike
/// a limit on the repeats of one call, bounds the load on a service that fails for everybody. Safe for use from many threads; no method allocates.
/// </summary>
/// <remarks>
/// A deposit is one interlocked addition. Everything else is settled under a lock, by a repeat or by the first deposit of a new slice of the window.
/// Tokens are counted in millionths, so that ten tenths are one.
/// </remarks>
internal sealed class RetryBudget
{
    private const int Slices = 10;
    private const long Token = 1_000_000;

    private readonly Lock _lock = new();
    private readonly long _frequency;
    private readonly long[] _slices = new long[Slices];

    // Written by every call, read at settlement.
    private long _firstAttempts;

    // Read by every call, written at settlement.
    private long _sliceEnd;

    private RetryBudgetOptions _options;
    private long _settledAttempts, _settledAt, _floorSince, _floorPaid, _perAttempt, _floorCapacity, _sliceLength, _inWindow, _tokens;
    private double _floorPerTick;
    private int _slice;

    /// <summary>A budget that has saved a window's worth of the floor.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="time">Whose timestamps callers pass; it is not read later.</param>
    public RetryBudget(RetryBudgetOptions options, TimeProvider time)
    {
        _options = options;
        _frequency = time.TimestampFrequency;
        _settledAt = time.GetTimestamp();
        SetRates();
        _tokens = _floorCapacity;
    }

    /// <summary>Counts a first attempt.</summary>
    /// <param name="now">The present timestamp.</param>
    public void Deposit(long now)
    {
        // Settled before it is counted, so that it falls into the slice of its time. Whoever finds another settling leaves it to that one.
        if (now >= Volatile.Read(ref _sliceEnd) && _lock.TryEnter())
        {
            try
            {
                Settle(now);
            }
            finally
            {
                _lock.Exit();
            }
        }
        Interlocked.Increment(ref _firstAttempts);
    }

    /// <summary>Takes a token for a repeat or a hedge.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <returns>False when there is none: nothing is taken, and nothing may be sent.</returns>
    public bool TryWithdraw(long now)
    {
        lock (_lock)
        {
            Settle(now);
            if (_tokens < Token)
                return false;
            _tokens -= Token;
            return true;
        }
    }

    /// <summary>How many tokens there are.</summary>
    /// <param name="now">The present timestamp.</param>
    public double Available(long now)
    {
        lock (_lock)
        {
            Settle(now);
            return (double)_tokens / Token;
        }
    }

    /// <summary>Takes on new options and keeps what is saved, as far as they allow it.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="now">The present timestamp.</param>
    public void Apply(RetryBudgetOptions options, long now)
    {
        lock (_lock)
        {
            if (_options == options)
                return;
            Settle(now);
            // Slices of another length cannot be cut anew: what they hold, or the part that a shorter window has of it, becomes one.
            var kept = (long)(_inWindow * Math.Min(1, options.Window / _options.Window));
            Array.Clear(_slices);
            _slices[_slice] = _inWindow = kept;
            _options = options;
            SetRates();
            _tokens = Math.Min(_tokens, Capacity);
        }
    }

    /// <summary>What a window puts in.</summary>
    private long Capacity => _floorCapacity + (_inWindow * _perAttempt);

    private void SetRates()
    {
        _perAttempt = (long)Math.Round(_options.Ratio * Token);
        _floorPerTick = _options.Floor * Token / _frequency;
        // A floor that saves less than one token would never allow a repeat.
        _floorCapacity = _options.Floor > 0 ? Math.Max(Token, (long)Math.Round(_options.Floor * _options.Window.TotalSeconds * Token)) : 0;
        _sliceLength = Math.Max(1, (long)(_options.Window.TotalSeconds * _frequency / Slices));
        (_floorSince, _floorPaid) = (_settledAt, 0);
        Volatile.Write(ref _sliceEnd, _settledAt + _sliceLength);
    }

    /// <summary>Brings everything up to <paramref name="now"/>. Threads bring their times in any order: one that is past counts as the last.</summary>
    private void Settle(long now)
    {
        var attempts = Volatile.Read(ref _firstAttempts);
        var added = attempts - _settledAttempts;
        _settledAttempts = attempts;
        _slices[_slice] += added;
        _inWindow += added;
        _tokens += added * _perAttempt;
        if (now > _settledAt)
        {
            _settledAt = now;
            // From the whole time since the options changed: parts, each rounded, would lose some.
            var floor = (long)Math.Round((now - _floorSince) * _floorPerTick);
            _tokens += floor - _floorPaid;
            _floorPaid = floor;
            if (now >= _sliceEnd)
                Turn(now);
        }
        _tokens = Math.Min(_tokens, Capacity);
    }

    private void Turn(long now)
    {
        var turns = 1 + ((now - _sliceEnd) / _sliceLength);
        for (var i = Math.Min(turns, Slices); i > 0; i--)
        {
            _slice = (_slice + 1) % Slices;
            _inWindow -= _slices[_slice];
            _slices[_slice] = 0;
        }
        Volatile.Write(ref _sliceEnd, _sliceEnd + (turns * _sliceLength));
    }
}
