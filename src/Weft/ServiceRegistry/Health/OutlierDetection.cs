using System.Numerics;
using Weft.CircuitBreaker;
using Weft.Options;

namespace Weft.ServiceRegistry.Health;

/// <summary>
/// Takes instances out whose calls fail, as far as enough others are left. It hears the same verdicts as the breaker of the instance. Safe for use from many threads.
/// </summary>
internal sealed class OutlierDetection(OutlierOptions options, ServiceHealth health, TimeProvider time)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(300);

    private readonly Lock _ejecting = new();

    /// <summary>Hears how a call ended.</summary>
    /// <param name="members">The instances of the service.</param>
    /// <param name="instance">The one that was called.</param>
    /// <param name="verdict">What the outcome says about it.</param>
    /// <param name="startedAt">When the call began.</param>
    /// <param name="now">When it ended.</param>
    public void Judge(Member[] members, Instance instance, Verdict verdict, long startedAt, long now)
    {
        if (verdict == Verdict.Success)
            instance.Ejection.Succeed();
        else if (verdict == Verdict.Failure && instance.Ejection.Fail(options.Consecutive5xx, startedAt))
            Eject(members, instance, now);
    }

    private void Eject(Member[] members, Instance instance, long now)
    {
        // So that two at once cannot both be the last that may be out.
        lock (_ejecting)
        {
            var (all, ejected) = (0, 0);
            foreach (var (other, spec) in members)
            {
                all += spec.IsDraining ? 0 : 1;
                ejected += !spec.IsDraining && other.Ejection.IsOut(now) ? 1 : 0;
            }
            // The only one is left to its breaker: without it there is nobody.
            if (all < 2)
                return;
            var failures = instance.Ejection.Row;
            if (ejected >= Math.Max(1, (int)(all * options.MaxEjected)))
                Keep(instance, failures, ejected);
            else if (instance.Ejection.TryEject(Ticks(options.Eject), Ticks(options.Eject > s_longest ? options.Eject : s_longest), now))
                health.Ejected(instance, failures, time.GetElapsedTime(now, instance.Ejection.Until), instance.Ejection.Count);
        }
    }

    private void Keep(Instance instance, int failures, int ejected)
    {
        // A row may become long, and each failure in it would say the same.
        if (failures == options.Consecutive5xx || BitOperations.IsPow2(failures))
            health.NotEjected(instance, failures, ejected);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
