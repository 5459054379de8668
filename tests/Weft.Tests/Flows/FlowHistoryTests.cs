using System.Buffers.Binary;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.Tests.Flows;

/// <summary>
/// Random lives of a subscription: publishes, failures of every kind, store failures, pauses, replays and crashes, on
/// virtual time. Whatever happens: nothing lost, nothing invented, first deliveries of a key in order, one at a time.
/// </summary>
public sealed class FlowHistoryTests
{
    private enum Deed { Publish, PublishMany, Advance, Crash, Restart, StoreFails, Pause, Resume, Replay, LetRun }

    private static readonly Gen<Deed> s_deed = Gen.Frequency(
        (10, Gen.Const(Deed.Publish)), (2, Gen.Const(Deed.PublishMany)), (6, Gen.Const(Deed.Advance)), (1, Gen.Const(Deed.Crash)),
        (1, Gen.Const(Deed.Restart)), (1, Gen.Const(Deed.StoreFails)), (1, Gen.Const(Deed.Pause)), (2, Gen.Const(Deed.Resume)),
        (2, Gen.Const(Deed.Replay)), (6, Gen.Const(Deed.LetRun)));

    [Fact]
    public Task Nothing_is_lost_invented_out_of_order_or_overlapping() =>
        Gen.Select(s_deed.Array[1, 60], Gen.Int[0, 1_000_000], Gen.Int[1, 6]).SampleAsync(
            async (deeds, seed, lanes) =>
            {
                await using var life = new Life(seed, lanes);
                await life.OpenAsync();
                foreach (var deed in deeds)
                    await life.DoAsync(deed);
                await life.EndAsync();
                life.History.Check().ThrowIfViolated();
            },
            iter: 300, threads: 1);

    private sealed class Life(int seed, int lanes) : ITarget<Message>, IAsyncDisposable
    {
        private const int Keys = 4;

        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private readonly Random _random = new(seed);
        private readonly Dictionary<long, int> _tries = [];
        private readonly FlowGate _gate = new(new FlowSettings().Probe);
        private InMemoryMessageLog _log = null!;
        private ILogTopic _topic = null!;
        private LogSource _source = null!;
        private FlowRunner<Message> _flow = null!;
        private Task _running = Task.CompletedTask;
        private long _sequence;
        private int _storeFailures;
        private volatile bool _calm;

        public History History { get; } = new();

        public async Task OpenAsync()
        {
            _log ??= new(_time) { BeforeCommit = _ => Interlocked.Decrement(ref _storeFailures) >= 0 ? throw new LogException(new(3007), "full") : default };
            _topic = await _log.OpenTopicAsync("t", default);
            _source = new(_log, await _topic.OpenSubscriptionAsync("s", SubscriptionStart.Beginning, default), new(), _time);
            var settings = new FlowSettings { Lanes = lanes, LaneDepth = 4, Retry = new(1, TimeSpan.FromDays(1000), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)) };
            _flow = new(_source, this, settings, _gate, _time, seed, new FlowTelemetry("test", NullLogger.Instance));
            _running = _flow.RunAsync();
        }

        public async Task DoAsync(Deed deed)
        {
            switch (deed)
            {
                case Deed.Publish: await PublishAsync(1); break;
                case Deed.PublishMany: await PublishAsync(30); break;
                case Deed.Advance: _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 10))); break;
                case Deed.StoreFails: Interlocked.Exchange(ref _storeFailures, _random.Next(1, 5)); break;
                case Deed.Pause: _gate.Pause(); break;
                case Deed.Resume: _gate.Resume(); break;
                case Deed.Replay: await ReplayAsync(); break;
                case Deed.LetRun: await YieldAsync(_random.Next(1, 200)); break;
                case Deed.Restart: await CloseAsync(); await OpenAsync(); break;
                case Deed.Crash:
                    _log = _log.CrashAndReopen();
                    await CloseAsync();
                    History.Crashed();
                    await OpenAsync();
                    break;
            }
        }

        // Everything has to come to rest: the target is well, the store takes all, and time goes by.
        public async Task EndAsync()
        {
            _calm = true;
            _gate.Resume();
            Interlocked.Exchange(ref _storeFailures, 0);
            while (await UnsettledAsync())
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                _time.Advance(TimeSpan.FromSeconds(2));
                await YieldAsync(20);
            }
            foreach (var dead in await _log.ReadParkedAsync("s", new(ParkedState.Dead, Limit: 100_000), default))
                History.Dead(EventOf(dead.Message));
        }

        public CommitScope? Begin() => null;

        public async ValueTask WriteAsync(ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
        {
            var e = EventOf(batch.Span[0].Item);
            History.Delivering(e);
            int chance;
            lock (_tries)
                chance = new Random(HashCode.Combine(seed, e.Sequence, _tries[e.Sequence] = _tries.GetValueOrDefault(e.Sequence) + 1)).Next(100);
            for (int i = chance % 4; i > 0 && !cancellation.IsCancellationRequested; i--)
                await Task.Yield();
            History.Delivered(e);
            outcomes.Span[0] = _calm ? Outcome.Acknowledged : chance switch
            {
                < 55 => Outcome.Acknowledged,
                < 70 => Outcome.Retry("status-500"),
                < 75 => Outcome.Retry("status-503", due: _time.GetUtcNow().AddSeconds(chance)),
                < 80 => throw new InvalidOperationException("boom"),
                < 90 => Outcome.Dead("status-400"),
                _ => Outcome.Unavailable("refused"),
            };
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            await _log.DisposeAsync();
        }

        private async Task PublishAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                int key = _random.Next(Keys);
                var e = new HistoryEvent(key == 0 ? -(int)(_sequence + 1) : key, 1, ++_sequence);
                var bytes = new byte[12];
                BinaryPrimitives.WriteInt32LittleEndian(bytes, key);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), e.Sequence);
                History.Publishing(e);
                try
                {
                    await _topic.AppendAsync(new(bytes), key == 0 ? default : new byte[] { (byte)key }, default);
                    History.Published(e);
                }
                catch (LogException)
                {
                    History.PublishFailed(e);
                }
            }
        }

        private async Task ReplayAsync()
        {
            foreach (var dead in await _log.ReadParkedAsync("s", new(ParkedState.Dead, Limit: 3), default))
            {
                if (_random.Next(5) == 0)
                    _source.Replay(dead); // Two operators at once.
                _source.Replay(dead);
            }
            await YieldAsync(5);
        }

        private async Task CloseAsync()
        {
            _flow.Stop(TimeSpan.Zero);
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var closing = _source.DisposeAsync().AsTask();
            while (!closing.IsCompleted)
                await Task.Yield();
            await closing;
            _flow.Dispose();
        }

        private async Task<bool> UnsettledAsync()
        {
            // A flow that has ended by itself is a failure, and says why.
            if (_running.IsCompleted)
                await _running;
            var info = Assert.Single(await _log.ListSubscriptionsAsync(default));
            return info.Low < info.Head || info.Retrying > 0 || info.Behind > 0;
        }

        private static async Task YieldAsync(int times)
        {
            for (int i = 0; i < times; i++)
                await Task.Yield();
        }

        private static HistoryEvent EventOf(Message message)
        {
            var bytes = message.Bytes.Span;
            int key = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            long sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
            return new(key == 0 ? -(int)sequence : key, 1, sequence);
        }
    }
}
