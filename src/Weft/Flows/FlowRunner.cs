using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Weft.Diagnostics;

namespace Weft.Flows;

/// <summary>
/// Runs one flow: reads its source, spreads the deliveries over lanes by key, writes them to the target and settles them.
/// This file is the order in which that happens:
/// <list type="number">
/// <item>read: take what the source has, in its order;</item>
/// <item>dispatch: same key, same lane; full lanes hold the reader back;</item>
/// <item>admit: leave out what must wait behind a failed delivery of its key;</item>
/// <item>gate: wait while the target is down or an operator has paused the flow;</item>
/// <item>write: the target, inside its transaction when it has one;</item>
/// <item>decide: done, later, never, or again from this lane;</item>
/// <item>settle: tell the source, inside the same transaction, and commit.</item>
/// </list>
/// Items are settled after they were written, so a crash delivers again and never loses. When the flow fails as a
/// whole (a commit, the source), it ends; whoever runs it opens the source anew and goes on from what is stored.
/// </summary>
/// <typeparam name="T">The kind of item.</typeparam>
internal sealed class FlowRunner<T> : IDisposable
{
    private const int ReadAhead = 256;

    private readonly ISource<T> _source;
    private readonly ITarget<T> _target;
    private readonly FlowSettings _settings;
    private readonly TimeProvider _time;
    private readonly FlowTelemetry _telemetry;
    private readonly FlowGate _gate;
    private readonly PrefixWindow? _prefix;
    private readonly Lane[] _lanes;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private ITimer? _drain;
    private int _nextLane;

    /// <summary>Prepares a flow; nothing runs before <see cref="RunAsync"/>.</summary>
    /// <param name="source">Where from; stays the caller's.</param>
    /// <param name="target">Where to; stays the caller's.</param>
    /// <param name="settings">How.</param>
    /// <param name="gate">Where an operator can pause the flow.</param>
    /// <param name="time">The clock of waits and durations.</param>
    /// <param name="seed">Of the jitter.</param>
    /// <param name="telemetry">Counts and tells what happens.</param>
    public FlowRunner(
        ISource<T> source, ITarget<T> target, FlowSettings settings, FlowGate gate, TimeProvider time, int seed, FlowTelemetry telemetry)
    {
        (_source, _target, _settings, _gate, _time, _telemetry) = (source, target, settings, gate, time, telemetry);
        _prefix = source.Capabilities.Settling == Settling.Prefix ? new() : null;
        // With more lanes one transaction could store a position that covers what another has not committed.
        if (_prefix is not null && target.Store is not null && settings.Lanes > 1)
            throw new ArgumentException($"{telemetry.Flow}: a source that settles a prefix and a target with transactions run with one lane, not {settings.Lanes}.", nameof(settings));
        _lanes = new Lane[settings.Lanes];
        for (int i = 0; i < _lanes.Length; i++)
            _lanes[i] = new Lane(i, settings, new Random(seed + i));
    }

    /// <summary>Runs until the source ends, <see cref="Stop"/> is called, or something fails that no retry mends; then it throws that.</summary>
    public async Task RunAsync()
    {
        using var closing = _stop.Token.UnsafeRegister(static flow => ((FlowRunner<T>)flow!).CloseLanes(), this);
        var loops = new List<BackgroundLoop> { BackgroundLoop.Start($"{_telemetry.Flow}/read", _ => ReadAsync(), _ => _stop.Cancel()) };
        foreach (var lane in _lanes)
            loops.Add(BackgroundLoop.Start($"{_telemetry.Flow}/{lane.Index}", _ => RunLaneAsync(lane), _ => _stop.Cancel()));
        try
        {
            await Task.WhenAll(loops.Select(loop => loop.Completion)).ConfigureAwait(false);
        }
        finally
        {
            // The lane that probed is gone; whoever runs next with this gate finds out anew.
            if (_gate.Forget())
                _telemetry.NoLongerPaused();
        }
    }

    /// <summary>
    /// Takes nothing more, and lets what is being written finish. What was read and not written is not settled and comes again.
    /// </summary>
    /// <param name="drain">How long writing may take before it is cancelled.</param>
    public void Stop(TimeSpan drain)
    {
        // Before anything else: stopping may run the flow to its end, and its owner to Dispose, on this very thread.
        if (drain > TimeSpan.Zero)
            _drain = _time.CreateTimer(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort, drain, Timeout.InfiniteTimeSpan);
        _stop.Cancel();
        if (drain <= TimeSpan.Zero)
            _abort.Cancel();
    }

    /// <summary>Call it after <see cref="RunAsync"/> has ended. The token sources hold nothing that must be freed.</summary>
    public void Dispose() => _drain?.Dispose();

    private async Task ReadAsync()
    {
        var page = new Delivery<T>[ReadAhead];
        try
        {
            int count;
            while ((count = await _source.ReadAsync(page, _stop.Token).ConfigureAwait(false)) > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    _prefix?.Add(page[i].Position);
                    await DispatchAsync(page[i]).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or ChannelClosedException)
        {
            // Told to stop.
        }
        finally
        {
            CloseLanes();
        }
    }

    // Ends the waits on both sides of the queues. They wait without a token, since that would cost an allocation per wait.
    private void CloseLanes()
    {
        foreach (var lane in _lanes)
            lane.Queue.Writer.TryComplete();
    }

    private ValueTask DispatchAsync(in Delivery<T> delivery)
    {
        if (_settings.Ordered && !delivery.Key.IsEmpty)
            return _lanes[(int)(KeyHash.Of(delivery.Key.Span) % (uint)_lanes.Length)].Queue.Writer.WriteAsync(delivery, CancellationToken.None);

        // Any lane will do: the next with room, so that a slow delivery holds up nothing but its own lane.
        for (int i = 0; i < _lanes.Length; i++)
        {
            if (NextLane().Queue.Writer.TryWrite(delivery))
                return default;
        }
        return NextLane().Queue.Writer.WriteAsync(delivery, CancellationToken.None);
    }

    private Lane NextLane() => _lanes[_nextLane = (_nextLane + 1) % _lanes.Length];

    private async Task RunLaneAsync(Lane lane)
    {
        DeliveryScope.Open();
        try
        {
            while (await lane.Queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                _stop.Token.ThrowIfCancellationRequested();
                int count = 0;
                while (count < lane.Batch.Length && lane.Queue.Reader.TryRead(out var delivery))
                {
                    if (_source.Admit(delivery))
                        lane.Batch[count++] = delivery;
                }
                while (count > 0)
                {
                    await _gate.EnterAsync(lane.Index, _stop.Token).ConfigureAwait(false);
                    _stop.Token.ThrowIfCancellationRequested();
                    count = await WriteAsync(lane, count).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Told to stop; what the lane still holds comes again.
        }
    }

    // Writes what the lane holds, settles what can be settled, and returns how many have to come again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WriteAsync(Lane lane, int count)
    {
        var scope = _target.Begin();
        try
        {
            if (!await CallTargetAsync(lane, count, scope).ConfigureAwait(false) && scope is not null)
            {
                // Half of the batch may be in it, and some stores report the commit of a broken transaction as a success.
                await scope.DisposeAsync().ConfigureAwait(false);
                scope = null;
            }
            var again = Decide(lane, count);

            // A transaction is whole: while a part of it has to come again, nothing of it is settled.
            if (scope is null || again is null)
                Settle(lane, count, scope);
            else
                lane.Again.AsSpan(0, count).Fill(true);
            if (scope is not null && again is null)
                await scope.CommitAsync(_abort.Token).ConfigureAwait(false);
            if (again > TimeSpan.Zero)
                await Task.Delay(again.Value, _time, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            if (scope is not null)
                await scope.DisposeAsync().ConfigureAwait(false);
        }
        return lane.KeepThoseThatComeAgain(count);
    }

    // False when the target threw.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> CallTargetAsync(Lane lane, int count, CommitScope? scope)
    {
        var outcomes = lane.Outcomes.AsMemory(0, count);
        outcomes.Span.Clear();
        long start = _time.GetTimestamp();
        bool wrote = true;
        try
        {
            await _target.WriteAsync(lane.Batch.AsMemory(0, count), outcomes, scope, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_abort.IsCancellationRequested)
        {
            // Whatever a target throws is a failed try of its batch, never the end of the flow.
            outcomes.Span.Fill(Outcome.Retry("exception", $"{e.GetType().Name}: {e.Message}"));
            wrote = false;
        }
        _telemetry.Wrote(_time.GetElapsedTime(start));
        return wrote;
    }

    // Marks what has to come again from this lane, and returns after what wait; null when nothing has to.
    private TimeSpan? Decide(Lane lane, int count)
    {
        TimeSpan? longest = null;
        bool down = false;
        for (int i = 0; i < count; i++)
        {
            var wait = lane.Outcomes[i].Kind switch
            {
                OutcomeKind.Retry => DecideRetry(lane, i),
                OutcomeKind.Unavailable => TargetIsDown(lane, lane.Outcomes[i], ref down),
                _ => null,
            };
            lane.Again[i] = wait is not null;
            if (wait is not null && !(longest >= wait))
                longest = wait;
        }
        if (!down && _gate.Up(lane.Index))
            _telemetry.Resumed();
        return longest;
    }

    private TimeSpan? DecideRetry(Lane lane, int i)
    {
        ref var outcome = ref lane.Outcomes[i];
        ref var delivery = ref lane.Batch[i];
        var now = _time.GetUtcNow();
        delivery = delivery with { FailingSince = delivery.FailingSince ?? now };
        if (delivery.Attempt <= _settings.Retry.Now && outcome.Due is null)
        {
            delivery = delivery with { Attempt = delivery.Attempt + 1 };
            return TimeSpan.Zero;
        }

        outcome = _settings.Retry.Decide(outcome, delivery.Attempt, delivery.FailingSince.Value, now, lane.Random.NextDouble());
        if (outcome.Kind == OutcomeKind.Dead || _source.Capabilities.Delay)
            return null;
        delivery = delivery with { Attempt = delivery.Attempt + 1 };
        return outcome.Due - now;
    }

    private TimeSpan? TargetIsDown(Lane lane, in Outcome outcome, ref bool down)
    {
        if (down)
            return TimeSpan.Zero;
        down = true;
        var wait = _gate.Down(lane.Index, outcome.Reason ?? "unavailable", lane.Random.NextDouble(), out bool first);
        if (first)
            _telemetry.Paused(outcome.Reason);
        var asked = outcome.Due - _time.GetUtcNow();
        return asked > wait ? asked : wait;
    }

    private void Settle(Lane lane, int count, CommitScope? scope)
    {
        long? prefix = null;
        for (int i = 0; i < count; i++)
        {
            if (lane.Again[i])
                continue;
            ref readonly var delivery = ref lane.Batch[i];
            ref readonly var outcome = ref lane.Outcomes[i];
            if (outcome.Kind == OutcomeKind.Dead && !_source.Capabilities.DeadLetters)
                throw new InvalidOperationException($"{_telemetry.Flow}: an item failed for good and its source keeps no dead letters: {outcome.Reason}");

            _telemetry.Settled(outcome, delivery.Position, delivery.Attempt);
            if (_prefix is null)
                _source.Settle(delivery, outcome, scope);
            else
                prefix = _prefix.Complete(delivery.Position) ?? prefix;
        }
        if (prefix is not null)
            _source.Settle(new(default!, prefix.Value, default, 1), Outcome.Acknowledged, scope);
    }

    private sealed class Lane(int index, FlowSettings settings, Random random)
    {
        public readonly int Index = index;
        public readonly Random Random = random;
        public readonly Delivery<T>[] Batch = new Delivery<T>[settings.Batch];
        public readonly Outcome[] Outcomes = new Outcome[settings.Batch];
        public readonly bool[] Again = new bool[settings.Batch];

        public readonly Channel<Delivery<T>> Queue = Channel.CreateBounded<Delivery<T>>(
            new BoundedChannelOptions(Math.Max(settings.LaneDepth, settings.Batch)) { SingleReader = true, SingleWriter = true });

        public int KeepThoseThatComeAgain(int count)
        {
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                if (Again[i])
                    Batch[kept++] = Batch[i];
            }
            return kept;
        }
    }
}
