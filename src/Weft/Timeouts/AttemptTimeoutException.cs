using System.Globalization;

namespace Weft.Timeouts;

/// <summary>An attempt took longer than it may. Whether it had an effect is not known; another attempt may still do, within the deadline.</summary>
public sealed class AttemptTimeoutException : TimeoutException
{
    internal AttemptTimeoutException(TimeSpan allowed, Exception? inner)
        : base(string.Create(CultureInfo.InvariantCulture, $"The attempt was ended after {allowed.TotalMilliseconds:0.#} ms, the longest it may take."), inner) => Allowed = allowed;

    /// <summary>How long it was allowed to take.</summary>
    public TimeSpan Allowed { get; }
}
