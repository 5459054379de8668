using System.Net.Http.Headers;

namespace Weft.Calls;

/// <summary>What came of a call.</summary>
/// <param name="Outcome">Of its last attempt.</param>
/// <param name="RetryAfter">What the service said about when to come again; null when it said nothing.</param>
/// <param name="Body">The body as far as it was kept.</param>
internal readonly record struct ServiceAnswer(AttemptOutcome Outcome, RetryConditionHeaderValue? RetryAfter, ReadOnlyMemory<byte> Body);
