using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Weft.Flows;
using Weft.Messages;
using Weft.Options;
using Weft.Testing;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>
/// One store through several losses of power, all from one seed: publishers and a subscription work until the power goes,
/// then the shipping log opens what is left, and everything that was promised must be there.
/// </summary>
/// <param name="seed">Decides all but the timing of threads.</param>
/// <param name="written">How the store is opened.</param>
/// <param name="promised">What is checked; the same, but for showing that a difference is seen.</param>
internal sealed class PowerLossRun(int seed, Durability written, Durability promised) : IDisposable
{
    private const int Publishers = 16, Each = 25, ParkEvery = 20;

    private readonly Random _random = new(seed);
    private readonly StoreDirectory _directory = new();
    private readonly ConcurrentDictionary<long, string> _returned = new();
    private readonly ConcurrentDictionary<string, bool> _sent = new();
    private readonly ConcurrentDictionary<long, bool> _settling = new(), _settled = new();
    private Disk _disk = new();
    private int _round;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How many appends returned in all rounds.</summary>
    public int Appended { get; private set; }

    /// <summary>Works until the power goes, and checks what is left.</summary>
    /// <exception cref="ConformanceException">Something that was promised is not there.</exception>
    public async Task RoundAsync()
    {
        _round++;
        using (var vfs = new RecordingVfs(_disk))
        {
            // Few changes hit the opening and recovery, more the appends, many the checkpoint at the end, and some go past it.
            // Large messages reach the checkpoint that comes in the middle of appends.
            bool large = _random.Next(15) == 0;
            _disk.CutPowerIn(large ? _random.Next(12_000, 20_000) : _random.Next(4) switch { 0 => _random.Next(1, 40), 1 => _random.Next(1, 5000), _ => _random.Next(1, 700) });
            await UseAsync(vfs, large ? 90_000 : _random.Next(100, 3000));
        }
        _disk = _disk.AfterPowerLoss(_random.Next(3) == 0 ? null : new Random(_random.Next()));
        using (var vfs = new RecordingVfs(_disk))
            await CheckAsync(vfs);
        _disk = _disk.AfterPowerLoss(new Random(_random.Next()));
    }

    public void Dispose() => _directory.Dispose();

    private SqliteMessageLog Open(RecordingVfs vfs) => _directory.Open(change: o => o with { Vfs = vfs.Name, Durability = written });

    private async Task UseAsync(RecordingVfs vfs, int size)
    {
        try
        {
            await using var log = Open(vfs);
            var topic = await log.OpenTopicAsync("orders", Token);
            await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
            using var published = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var consuming = ConsumeAsync(log, subscription, published.Token);
            await Task.WhenAll(Enumerable.Range(0, Publishers).Select(p => PublishAsync(topic, p, size)));
            await published.CancelAsync();
            await consuming;
        }
        catch (LogException) when (!_disk.HasPower)
        {
            // It went while the store was opened.
        }
    }

    private async Task PublishAsync(ILogTopic topic, int publisher, int size)
    {
        await Task.Yield();
        var padding = new string('x', size);
        try
        {
            for (int i = 0; i < Each; i++)
            {
                string text = $"{publisher} {(_round * Each) + i}";
                _sent[text] = true;
                long position = await topic.AppendAsync(new Message(Encoding.UTF8.GetBytes($"{text} {padding}")), new[] { (byte)(i % 8) }, Token);
                _returned[position] = text;
            }
        }
        catch (LogException) when (!_disk.HasPower)
        {
            // As was to be.
        }
    }

    private async Task ConsumeAsync(SqliteMessageLog log, ILogSubscription subscription, CancellationToken published)
    {
        var page = new LogEntry[16];
        long read = subscription.Opened.Low;
        await using var transaction = log.Begin();
        try
        {
            while (true)
            {
                int count = await subscription.Topic.ReadAsync(read, page, published);
                if (count == 0)
                    await subscription.Topic.WaitAsync(read, published);
                foreach (var entry in page.AsMemory(0, count).ToArray().Reverse())
                {
                    _settling[entry.Position] = true;
                    transaction.Settle(subscription, entry.Position);
                    if (entry.Position % ParkEvery == 0)
                        transaction.Park(subscription, new() { Position = entry.Position, State = ParkedState.Dead, Message = entry.Message });
                }
                await transaction.CommitAsync(Token);
                foreach (var entry in page.AsMemory(0, count).ToArray())
                    _settled[entry.Position] = true;
                read += count;
            }
        }
        catch (OperationCanceledException) when (published.IsCancellationRequested)
        {
            // Everything was published.
        }
        catch (LogException) when (!_disk.HasPower)
        {
            // As was to be.
        }
    }

    private async Task CheckAsync(RecordingVfs vfs)
    {
        Appended = Math.Max(Appended, _returned.Count);
        await using var log = Open(vfs);
        var topic = await log.OpenTopicAsync("orders", Token);
        var all = await topic.ReadAllAsync();
        var texts = all.ConvertAll(e => Encoding.UTF8.GetString(e.Message.Bytes.Span).Split(' '));
        Expect(all.Select(e => e.Position).SequenceEqual(Enumerable.Range(1, all.Count).Select(i => (long)i)), "positions are not dense");
        Expect(texts.TrueForAll(t => _sent.ContainsKey($"{t[0]} {t[1]}")), "there is a message that nobody sent");
        foreach (var publisher in texts.GroupBy(t => t[0]))
        {
            var sequence = publisher.Select(t => int.Parse(t[1], CultureInfo.InvariantCulture)).ToArray();
            Expect(sequence.SequenceEqual(sequence.Distinct().Order()), $"publisher {publisher.Key} is out of order");
        }
        foreach (var (position, text) in _returned)
        {
            bool there = position <= all.Count;
            Expect(there || promised == Durability.Os, $"position {position} was acknowledged and is lost, the log ends at {all.Count}");
            Expect(!there || text == $"{texts[(int)position - 1][0]} {texts[(int)position - 1][1]}", $"position {position} has another message than was acknowledged");
        }
        await CheckSubscriptionAsync(log, topic);
        using (var connection = Native.Connection.Open(_directory.File(), vfs.Name, TimeSpan.FromSeconds(5)))
        {
            using var check = connection.Prepare("pragma integrity_check");
            check.Step();
            Expect(check.Text(0) == "ok", $"integrity_check says {check.Text(0)}");
        }
        Forget(topic.Head);
    }

    private async Task CheckSubscriptionAsync(SqliteMessageLog log, ILogTopic topic)
    {
        await using var subscription = await topic.OpenSubscriptionAsync("billing", SubscriptionStart.Beginning, Token);
        var parked = (await log.ReadParkedAsync("billing", new(ParkedState.Dead, Limit: int.MaxValue), Token)).Select(m => m.Position).ToHashSet();
        Expect(!subscription.Opened.Contains(topic.Head + 1), "the cursor is past the head");
        for (long position = 1; position <= topic.Head; position++)
        {
            bool settled = subscription.Opened.Contains(position);
            Expect(!settled || _settling.ContainsKey(position), $"position {position} counts as settled and nobody settled it");
            Expect(settled || !_settled.ContainsKey(position) || promised == Durability.Os, $"position {position} was settled and is not");
            Expect(parked.Contains(position) == (settled && position % ParkEvery == 0), $"position {position} is settled or parked, and its transaction did both");
            if (settled)
                _settled[position] = true;
            else
                _settled.TryRemove(position, out _);
        }
    }

    // With less than full durability the end of the log may be gone, and its positions are used again.
    private void Forget(long head)
    {
        foreach (long position in _returned.Keys.Where(p => p > head))
            _returned.TryRemove(position, out _);
        foreach (long position in _settling.Keys.Where(p => p > head))
            _settling.TryRemove(position, out _);
        foreach (long position in _settled.Keys.Where(p => p > head))
            _settled.TryRemove(position, out _);
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new ConformanceException($"Seed {seed}, round {_round}, durability {written}: {otherwise}.");
    }
}
