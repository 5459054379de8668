using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weft.EventBus;
using Weft.Load.Cells;
using Weft.Messages;

namespace Weft.Load;

/// <summary>An app with one topic in SQLite and one handler, and publishers in the same process.</summary>
internal sealed class BusLoad : IAsyncDisposable
{
    public const int EventBytes = 512;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-load-");
    private readonly bool _subscribed;
    private readonly IHost _host;
    private readonly IPublisher _publisher;
    private Latencies? _handled;
    private TaskCompletionSource? _allHandled;
    private long _awaited;
    private long _count;

    private BusLoad(bool subscribed)
    {
        _subscribed = subscribed;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddWeft(weft =>
        {
            weft.UseSqlite(Path.Combine(_directory.FullName, "weft.db")).Topic("load");
            if (subscribed)
                weft.Subscribe("count", "load", Handle);
        });
        _host = builder.Build();
        _publisher = _host.Services.GetRequiredService<IPublisher>();
    }

    public static async Task<BusLoad> StartAsync(bool subscribed)
    {
        var load = new BusLoad(subscribed);
        await load._host.StartAsync();
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Publishes at a fixed rate whatever the answers, and ends once all is handled. Latencies count from when an event was due.</summary>
    public async Task<long> AtRateAsync(int rate, int count, Latencies late, Latencies publish, Latencies handled)
    {
        _handled = handled;
        var all = AllHandled(Volatile.Read(ref _count) + count);
        var publishing = new Task[count];
        var sender = new Thread(() =>
        {
            var builder = new MessageBuilder();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                long due = start + (i * Stopwatch.Frequency / rate);
                while (Stopwatch.GetTimestamp() < due)
                    Thread.Sleep(1);
                late.Add(Stopwatch.GetElapsedTime(due));
                publishing[i] = PublishAsync(Event(builder, i, due), due, publish);
            }
        });
        sender.Start();
        await all;
        await Task.WhenAll(publishing);
        return count;
    }

    /// <summary>Publishers that each wait for one event to be durable before the next, for a while; ends once all is handled.</summary>
    public async Task<long> AtFullSpeedAsync(int publishers, TimeSpan duration)
    {
        _handled = null;
        long before = _count;
        using var stop = new CancellationTokenSource(duration);
        var sent = await Task.WhenAll(Enumerable.Range(0, publishers).Select(i => Task.Run(() => PublishAsync(Event(new(), i, 0), stop.Token))));
        if (_subscribed)
            await AllHandled(before + sent.Sum());
        return sent.Sum();
    }

    private static Message Event(MessageBuilder builder, int number, long due)
    {
        Span<byte> data = stackalloc byte[EventBytes - 60];
        BinaryPrimitives.WriteInt64LittleEndian(data, due);
        return builder.Set("id"u8, "0190a5f4-11c8-7d5a"u8).Set("source"u8, "/load"u8).Set("type"u8, "load.made"u8)
            .Set("partitionkey"u8, [(byte)('0' + (number % 8)), (byte)('0' + (number / 8 % 8))]).BuildBytes(data);
    }

    private async Task PublishAsync(Message message, long due, Latencies publish)
    {
        await _publisher.PublishAsync("load", message).ConfigureAwait(false);
        publish.Add(Stopwatch.GetElapsedTime(due));
    }

    private async Task<long> PublishAsync(Message message, CancellationToken stop)
    {
        long count = 0;
        for (; !stop.IsCancellationRequested; count++)
            await _publisher.PublishAsync("load", message, CancellationToken.None).ConfigureAwait(false);
        return count;
    }

    private ValueTask Handle(Message message, DeliveryContext context, CancellationToken cancellation)
    {
        _handled?.Add(Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64LittleEndian(message.Data.Span)));
        if (Interlocked.Increment(ref _count) == Volatile.Read(ref _awaited))
            _allHandled!.TrySetResult();
        return default;
    }

    // The total is given by the caller: read here, it would count again what was handled since.
    private Task AllHandled(long total)
    {
        var all = _allHandled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _awaited, total);
        if (Volatile.Read(ref _count) >= total)
            all.TrySetResult();
        return all.Task;
    }
}
