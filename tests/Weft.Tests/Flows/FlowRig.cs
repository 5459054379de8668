using System.Buffers.Binary;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.Flows;
using Weft.Messages;
using Weft.Testing;

namespace Weft.Tests.Flows;

/// <summary>A flow over the in-memory log, with a target whose verdicts the test gives.</summary>
internal sealed class FlowRig : ITarget<Message>, IAsyncDisposable
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private FlowRunner<Message>? _flow;
    private Task _running = Task.CompletedTask;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public InMemoryMessageLog Log { get; private set; }
    public ILogTopic Topic { get; private set; } = null!;
    public LogSource Source { get; private set; } = null!;
    public FlowGate Gate { get; } = new(new FlowSettings().Probe);
    public FlowTelemetry Telemetry { get; } = new("test", NullLogger.Instance);

    public FlowSettings Settings { get; init; } = new() { Lanes = 4, Retry = new(0, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)) };

    public LogSourceSettings SourceSettings { get; init; } = new();

    /// <summary>What the source sees instead of the log.</summary>
    public Func<IMessageLog, IMessageLog> Between { get; init; } = log => log;

    /// <summary>Ends with the flow.</summary>
    public Task Running => _running;

    public FlowRig() => Log = new(Time);

    public static async Task<FlowRig> StartAsync(FlowSettings? settings = null)
    {
        var rig = settings is null ? new FlowRig() : new FlowRig { Settings = settings };
        await rig.OpenAsync();
        return rig;
    }

    public async Task OpenAsync()
    {
        Topic = await Log.OpenTopicAsync("t", default);
        Source = new LogSource(Between(Log), await Topic.OpenSubscriptionAsync("s", SubscriptionStart.Beginning, default), SourceSettings with { Ordered = Settings.Ordered }, Time);
        _flow = new FlowRunner<Message>(Source, this, Settings, Gate, Time, seed: 1, Telemetry);
        _running = _flow.RunAsync();
    }

    public async Task CloseAsync(TimeSpan drain = default)
    {
        _flow!.Stop(drain);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Source.DisposeAsync();
        _flow.Dispose();
    }

    public Task CloseAsync() => CloseAsync(TimeSpan.Zero);

    /// <summary>Ends everything as a crash does, whatever is under way, and begins anew.</summary>
    public async Task CrashAsync()
    {
        Log = Log.CrashAndReopen();
        await CloseAsync();
        while (_calls.Reader.TryRead(out _))
            continue;
        await OpenAsync();
    }

    /// <summary>Appends numbered messages under a key.</summary>
    public async Task AppendAsync(string key, params int[] numbers)
    {
        foreach (int number in numbers)
            await Topic.AppendAsync(Numbered(number), System.Text.Encoding.UTF8.GetBytes(key), default);
    }

    /// <summary>The next call of the target.</summary>
    public ValueTask<Call> NextAsync() => _calls.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>The next call, which must be for this number; acknowledges it.</summary>
    public async Task AcknowledgeAsync(int number)
    {
        var call = await NextAsync();
        Assert.Equal(number, call.Number);
        call.Answer(Outcome.Acknowledged);
    }

    public bool IsIdle => !_calls.Reader.TryPeek(out _);

    public async Task<IReadOnlyList<ParkedMessage>> ParkedAsync(ParkedState state)
    {
        await Source.FlushAsync(default);
        return await Log.ReadParkedAsync("s", new(state), default);
    }

    public async Task<SubscriptionInfo> InfoAsync()
    {
        await Source.FlushAsync(default);
        return Assert.Single(await Log.ListSubscriptionsAsync(default));
    }

    public CommitScope? Begin() => null;

    public async ValueTask WriteAsync(ReadOnlyMemory<Delivery<Message>> batch, Memory<Outcome> outcomes, CommitScope? scope, CancellationToken cancellation)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            var call = new Call(NumberOf(batch.Span[i].Item), batch.Span[i].Attempt);
            _calls.Writer.TryWrite(call);
            var verdict = await call.Verdict.WaitAsync(cancellation);
            outcomes.Span[i] = verdict;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Log.DisposeAsync();
    }

    public static Message Numbered(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return new(bytes);
    }

    public static int NumberOf(Message message) => BinaryPrimitives.ReadInt32LittleEndian(message.Bytes.Span);

    internal sealed class Call(int number, int attempt)
    {
        private readonly TaskCompletionSource<Outcome> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Number => number;
        public int Attempt => attempt;
        public Task<Outcome> Verdict => _verdict.Task;
        public void Answer(Outcome outcome) => _verdict.SetResult(outcome);
        public void Throw(Exception e) => _verdict.SetException(e);
    }
}
