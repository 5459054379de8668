using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weft.Options;
using Weft.Retry;

namespace Weft.Tests.Retry;

public sealed class RetryBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    private RetryBudget Budget(double ratio = 0.1, double floor = 0, double window = 10) =>
        new(new() { Ratio = ratio, Floor = floor, Window = TimeSpan.FromSeconds(window) }, _time);

    private void Deposit(RetryBudget budget, int times)
    {
        for (var i = 0; i < times; i++)
            budget.Deposit(Now);
    }

    private int WithdrawAll(RetryBudget budget)
    {
        var count = 0;
        while (budget.TryWithdraw(Now))
            count++;
        return count;
    }

    [Fact]
    public void Ten_first_attempts_pay_for_one_repeat()
    {
        var budget = Budget();
        Deposit(budget, 9);
        Assert.False(budget.TryWithdraw(Now));
        Deposit(budget, 1);
        Assert.True(budget.TryWithdraw(Now));
        Assert.False(budget.TryWithdraw(Now));
    }

    [Fact]
    public void The_floor_is_there_at_the_start_and_comes_back()
    {
        var budget = Budget(ratio: 0, floor: 0.1);
        Assert.Equal(1, WithdrawAll(budget));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, WithdrawAll(budget));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, WithdrawAll(budget));
    }

    [Fact]
    public void Asking_often_loses_nothing_of_the_floor()
    {
        var budget = Budget(ratio: 0, floor: 0.3);
        WithdrawAll(budget);
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromTicks(333_334));
            if (i < 9_999)
                _ = budget.Available(Now);
        }
        Assert.Equal(3, WithdrawAll(budget)); // The capacity: a window's worth.
    }

    [Fact]
    public void A_floor_that_saves_less_than_one_still_allows_one() => Assert.Equal(1, WithdrawAll(Budget(ratio: 0, floor: 0.01)));

    [Fact]
    public void Without_ratio_and_floor_nothing_is_repeated()
    {
        var budget = Budget(ratio: 0);
        Deposit(budget, 1000);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, WithdrawAll(budget));
    }

    [Fact]
    public void A_long_healthy_time_saves_no_more_than_a_window()
    {
        var budget = Budget(floor: 0.1);
        for (var second = 0; second < 1000; second++)
        {
            Deposit(budget, 100);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        // Nine full slices and the one that has just begun: 900 first attempts, and the floor's token.
        Assert.Equal(91, WithdrawAll(budget));
    }

    [Fact]
    public void What_was_saved_is_gone_after_a_window_of_silence()
    {
        var budget = Budget();
        Deposit(budget, 1000);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, budget.Available(Now));
    }

    [Fact]
    public void A_time_that_is_past_counts_as_the_last()
    {
        var budget = Budget(floor: 0.1);
        var before = Now;
        _time.Advance(TimeSpan.FromSeconds(30));
        Deposit(budget, 10);
        Assert.Equal(2, budget.Available(Now));
        Assert.True(budget.TryWithdraw(before));
        budget.Deposit(before);
        Assert.Equal(1.1, budget.Available(before), 9);
    }

    [Fact]
    public void New_options_keep_what_is_saved_as_far_as_they_allow_it()
    {
        var budget = Budget(window: 100);
        Deposit(budget, 1000);
        budget.Apply(new() { Ratio = 0.2, Floor = 0, Window = TimeSpan.FromSeconds(100) }, Now);
        Assert.Equal(100, budget.Available(Now));
        budget.Apply(new() { Ratio = 0.05, Floor = 0, Window = TimeSpan.FromSeconds(10) }, Now);
        Assert.Equal(5, budget.Available(Now)); // A tenth of the window has a tenth of the attempts.
        Deposit(budget, 20);
        Assert.Equal(6, budget.Available(Now));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, budget.Available(Now));
    }

    [Fact]
    public void Raising_the_floor_gives_nothing_at_once()
    {
        var budget = Budget(floor: 0.1);
        WithdrawAll(budget);
        budget.Apply(new() { Ratio = 0, Floor = 10 }, Now);
        Assert.Equal(0, budget.Available(Now));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, budget.Available(Now));
    }

    private enum Deed
    {
        Deposit,
        Withdraw,
        Wait,
    }

    [Fact]
    public void Does_what_the_model_does()
    {
        var deed = Gen.Select(Gen.Enum<Deed>(), Gen.Int[1, 60]);
        Gen.Select(Gen.Int[0, 10], Gen.Int[0, 20], Gen.Int[1, 30], deed.Array[0, 200]).Sample((ratio, floor, window, deeds) =>
        {
            var options = new RetryBudgetOptions { Ratio = ratio / 10.0, Floor = floor / 10.0, Window = TimeSpan.FromSeconds(window) };
            var time = new FakeTimeProvider();
            var budget = new RetryBudget(options, time);
            var model = new Model(options, time.GetTimestamp());
            foreach (var (what, amount) in deeds)
            {
                var now = time.GetTimestamp();
                switch (what)
                {
                    case Deed.Wait:
                        time.Advance(TimeSpan.FromMilliseconds(amount * amount * 7));
                        break;
                    case Deed.Withdraw:
                        Assert.Equal(model.TryWithdraw(now), budget.TryWithdraw(now));
                        break;
                    default:
                        for (var i = 0; i < amount; i++)
                        {
                            budget.Deposit(now);
                            model.Deposit(now);
                        }
                        break;
                }
            }
            Assert.Equal(model.Available(time.GetTimestamp()), budget.Available(time.GetTimestamp()), 5);
            Assert.True(model.Withdrawn <= model.MostEver(time.GetTimestamp()) + 1e-6m);
        });
    }

    [Fact]
    public void Many_threads_take_out_exactly_what_they_put_in()
    {
        var time = TimeProvider.System;
        var budget = new RetryBudget(new() { Ratio = 0.25, Floor = 0, Window = TimeSpan.FromMinutes(10) }, time);
        long deposited = 0, withdrawn = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            var random = new Random(seed);
            long puts = 0, takes = 0;
            for (var i = 0; i < 100_000; i++)
            {
                if (random.Next(3) > 0)
                {
                    budget.Deposit(time.GetTimestamp());
                    puts++;
                }
                else if (budget.TryWithdraw(time.GetTimestamp()))
                {
                    takes++;
                }
            }
            Interlocked.Add(ref deposited, puts);
            Interlocked.Add(ref withdrawn, takes);
        });
        while (budget.TryWithdraw(time.GetTimestamp()))
            withdrawn++;
        Assert.Equal(deposited / 4, withdrawn);
    }

    [Fact]
    public void Many_threads_never_take_out_more_than_deposits_and_floor_while_slices_turn()
    {
        var options = new RetryBudgetOptions { Ratio = 0.1, Floor = 50, Window = TimeSpan.FromSeconds(1) };
        var budget = new RetryBudget(options, _time);
        long deposited = 0, withdrawn = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                if (seed == 0 && i % 10 == 0)
                    _time.Advance(TimeSpan.FromMilliseconds(1));
                budget.Deposit(Now);
                Interlocked.Increment(ref deposited);
                if (budget.TryWithdraw(Now))
                    Interlocked.Increment(ref withdrawn);
            }
        });
        var most = (deposited * 0.1) + 50 + (50 * 5.0);
        Assert.InRange(withdrawn, most * 0.5, most);
    }

    [Fact]
    public void Allocates_nothing()
    {
        var budget = Budget(floor: 10);
        void Use()
        {
            budget.Deposit(Now);
            budget.TryWithdraw(Now);
        }
        Use();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Use();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Keeps every deposit with its slice, in decimals.</summary>
    private sealed class Model(RetryBudgetOptions options, long start)
    {
        private readonly long _start = start;
        private readonly List<long> _deposits = [];
        private readonly decimal _ratio = (decimal)options.Ratio, _floor = (decimal)options.Floor;
        private decimal _tokens = options.Floor > 0 ? (decimal)Math.Max(1, options.Floor * options.Window.TotalSeconds) : 0;
        private long _last = start;

        public decimal Withdrawn { get; private set; }

        private long Slice(long now) => (now - _start) / (options.Window.Ticks / 10);

        private decimal FloorCapacity => _floor > 0 ? Math.Max(1, _floor * (decimal)options.Window.TotalSeconds) : 0;

        public decimal MostEver(long now) => (_deposits.Count * _ratio) + FloorCapacity + (_floor * (now - _start) / TimeSpan.TicksPerSecond);

        public void Deposit(long now)
        {
            Settle(now);
            _deposits.Add(Slice(now));
            _tokens += _ratio;
        }

        public bool TryWithdraw(long now)
        {
            Settle(now);
            if (_tokens < 0.9999995m) // Millionths are rounded.
                return false;
            _tokens--;
            Withdrawn++;
            return true;
        }

        public double Available(long now)
        {
            Settle(now);
            return (double)_tokens;
        }

        private void Settle(long now)
        {
            _tokens += _floor * (now - _last) / TimeSpan.TicksPerSecond;
            _last = now;
            _tokens = Math.Min(_tokens, FloorCapacity + (_deposits.Count(slice => slice > Slice(now) - 10) * _ratio));
        }
    }
}
