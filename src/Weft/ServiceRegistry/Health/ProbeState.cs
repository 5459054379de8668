using Weft.Options;

namespace Weft.ServiceRegistry.Health;

/// <summary>What an instance has answered when it was asked how it is. Until it has said otherwise it is well. Written by one prober, read by everybody.</summary>
internal sealed class ProbeState
{
    private volatile bool _isDown;
    private volatile string? _why;
    private volatile bool _isRunning;
    private ActiveHealthOptions? _options;
    private int _row;

    /// <summary>Whether it is out.</summary>
    public bool IsDown => _isDown;

    /// <summary>What was wrong with its last answer; null when that was good, and before the first.</summary>
    public string? Why => _why;

    /// <summary>Whether it is being asked.</summary>
    public bool IsRunning
    {
        get => _isRunning;
        set => _isRunning = value;
    }

    /// <summary>When to ask it next, a timestamp.</summary>
    public long DueAt { get; set; } = long.MinValue;

    /// <summary>Begins anew when it is asked something else than before.</summary>
    public void Follow(ActiveHealthOptions? options)
    {
        if (_options != options)
            (_options, _row, _why, _isDown, DueAt) = (options, 0, null, false, long.MinValue);
    }

    /// <summary>Counts an answer.</summary>
    /// <param name="wrong">What was wrong with it; null when it was good.</param>
    /// <param name="options">How many are enough.</param>
    /// <returns>Whether it is out now and was not, or the other way round.</returns>
    public bool Record(string? wrong, ActiveHealthOptions options)
    {
        _why = wrong;
        if ((wrong is null) != _isDown)
        {
            // It says what is known already.
            _row = 0;
            return false;
        }
        if (++_row < (_isDown ? options.Up : options.Down))
            return false;
        (_row, _isDown) = (0, !_isDown);
        return true;
    }
}
