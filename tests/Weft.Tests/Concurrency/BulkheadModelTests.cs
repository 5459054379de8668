using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Concurrency;

namespace Weft.Tests.Concurrency;

public sealed class BulkheadModelTests
{
    private enum Deed
    {
        Try,
        Enter,
        Exit,
        Cancel,
        Wait,
        Apply,
    }

    [Fact]
    public void Does_what_the_model_does()
    {
        var deed = Gen.Select(Gen.Enum<Deed>(), Gen.Int[0, 5], Gen.Int[0, 5]);
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], deed.Array[0, 60]).Sample((max, queue, deeds) =>
        {
            var life = new Life(max, queue);
            foreach (var (what, a, b) in deeds)
                life.Do(what, a, b);
        }, iter: 5_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_place_is_lost_or_made_up_when_many_come_wait_and_give_up(int seed)
    {
        const int Most = 7;
        var bulkhead = new Bulkhead(new() { Max = 3, Queue = 5 }, TimeProvider.System);
        int inside = 0, peak = 0, entered = 0;

        async Task Caller(int number)
        {
            var random = new Random((seed * 1000) + number);
            for (var i = 0; i < 2_000; i++)
            {
                using var gone = new CancellationTokenSource();
                var waits = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(3)) : (TimeSpan?)null;
                var entry = bulkhead.EnterAsync(waits, gone.Token);
                if (random.Next(2) == 0)
                    await gone.CancelAsync();
                switch (await entry)
                {
                    case BulkheadEntry.Entered:
                        InterlockedMax(ref peak, Interlocked.Increment(ref inside));
                        Interlocked.Increment(ref entered);
                        // Others come while this one is in, however few processors there are.
                        for (var turns = random.Next(1, 4); turns > 0; turns--)
                            await Task.Yield();
                        Interlocked.Decrement(ref inside);
                        bulkhead.Exit();
                        break;
                    case BulkheadEntry.Full:
                        await Task.Yield();
                        break;
                }
                if (number == 0)
                    bulkhead.Apply(new() { Max = random.Next(1, Most + 1), Queue = random.Next(0, 8) });
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => Caller(number))));
        Assert.Equal((0, 0, 0), (inside, bulkhead.Running, bulkhead.Queued));
        Assert.InRange(peak, 1, Most);
        Assert.True(entered > 0);
        bulkhead.Apply(new() { Max = 4 });
        Assert.Equal(4, Enumerable.Range(0, 10).Count(_ => bulkhead.TryEnter()));
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); value > seen; seen = Volatile.Read(ref place))
            Interlocked.CompareExchange(ref place, value, seen);
    }

    private sealed class Life(int max, int queue)
    {
        private readonly FakeTimeProvider _time = new();
        private readonly List<Call> _waiting = [];
        private readonly List<Call> _all = [];
        private Bulkhead? _bulkhead;
        private int _running, _rejected;

        private Bulkhead Bulkhead => _bulkhead ??= new(new() { Max = max, Queue = queue }, _time);

        private int Limit => max == 0 ? int.MaxValue : max;

        public void Do(Deed what, int a, int b)
        {
            switch (what)
            {
                case Deed.Try:
                    var free = _waiting.Count == 0 && _running < Limit;
                    _running += free ? 1 : 0;
                    Assert.Equal(free, Bulkhead.TryEnter());
                    break;
                case Deed.Enter:
                    Enter(a == 0 ? null : TimeSpan.FromMilliseconds(a - 1));
                    break;
                case Deed.Exit when _running > 0:
                    _running--;
                    Bulkhead.Exit();
                    Admit();
                    break;
                case Deed.Cancel when _waiting.Count > 0:
                    var call = _waiting[a % _waiting.Count];
                    End(call, BulkheadEntry.Cancelled);
                    call.Gone.Cancel();
                    break;
                case Deed.Wait:
                    _time.Advance(TimeSpan.FromMilliseconds(1));
                    foreach (var late in _waiting.Where(c => c.Until <= _time.GetUtcNow()).ToList())
                    {
                        End(late, BulkheadEntry.Expired);
                        _rejected++;
                    }
                    break;
                case Deed.Apply:
                    (max, queue) = (a, b);
                    Bulkhead.Apply(new() { Max = a, Queue = b });
                    Admit();
                    break;
            }
            Assert.Equal((_running, _waiting.Count, (long)_rejected), (Bulkhead.Running, Bulkhead.Queued, Bulkhead.Rejected));
            Assert.All(_all, c => Assert.Equal(c.Expected, c.Entry.IsCompleted ? c.Entry.GetAwaiter().GetResult() : null));
        }

        private void Enter(TimeSpan? remaining)
        {
            var call = new Call { Until = remaining is { } wait ? _time.GetUtcNow() + wait : DateTimeOffset.MaxValue };
            if (_waiting.Count == 0 && _running < Limit)
            {
                _running++;
                call.Expected = BulkheadEntry.Entered;
            }
            else if (remaining <= TimeSpan.Zero || _waiting.Count >= queue)
            {
                _rejected++;
                call.Expected = remaining <= TimeSpan.Zero ? BulkheadEntry.Expired : BulkheadEntry.Full;
            }
            else
            {
                _waiting.Add(call);
            }
            _all.Add(call);
            call.Entry = Bulkhead.EnterAsync(remaining, call.Gone.Token).AsTask();
        }

        private void Admit()
        {
            for (; _waiting.Count > 0 && _running < Limit; _running++)
                End(_waiting[0], BulkheadEntry.Entered);
        }

        private void End(Call call, BulkheadEntry entry)
        {
            _waiting.Remove(call);
            call.Expected = entry;
        }
    }

    private sealed class Call
    {
        public CancellationTokenSource Gone { get; } = new();

        public DateTimeOffset Until { get; init; }

        public BulkheadEntry? Expected { get; set; }

        public Task<BulkheadEntry> Entry { get; set; } = null!;
    }
}
