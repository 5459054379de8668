namespace Weft.Calls;

/// <summary>What came of a call whose answer was read whole.</summary>
/// <param name="Rejection">Why nothing was sent; <see cref="Rejection.None"/> when something was.</param>
/// <param name="Outcome">Of its last attempt.</param>
/// <param name="RetryAfter">When to come again; null when nobody says.</param>
/// <param name="Body">The body as far as it was kept.</param>
internal readonly record struct ServiceAnswer(Rejection Rejection, AttemptOutcome Outcome, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body);
