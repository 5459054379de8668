using System.Runtime.CompilerServices;
using Polly;

namespace Weft.Timeouts;

/// <summary>
/// Gives what a strategy runs another token. Polly's own strategies do it with a setter that others cannot see, and there is no public way that keeps the properties of the
/// context, so this reaches for that setter; a test guards it when Polly's version changes.
/// </summary>
internal static class PollyToken
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_CancellationToken")]
    public static extern void Set(ResilienceContext context, CancellationToken token);
}
