using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;
using Weft.Diagnostics;
using Weft.Http1;
using Weft.Retry;

namespace Weft.AspNetCore.ApiGateway.Forwarding.Http1;

/// <summary>
/// A request on a plaintext connection, and its answer. There is one for each connection, which all its requests use in turn. The connection is used again only when the answer
/// and the request are whole, and nothing was received beyond.
/// </summary>
internal sealed class Http1Answer : UpstreamAnswer
{
    private const int FlushAt = 64 * 1024;

    // A service that never says whether it wants a body gets it all the same (RFC 9110, 10.1.1).
    private static readonly TimeSpan s_continue = TimeSpan.FromSeconds(1);

    private readonly Http1Connection _connection;
    private readonly Http1Pool _pool;
    private readonly Http1Head _head = new();
    private readonly Http1Body _body = new();
    private readonly Http1ResponseFields _fields = new();
    private Http1RequestStream? _upload;
    private Task _uploaded = Task.CompletedTask;
    private CancellationTokenRegistration _link;
    private int _headSize, _interimSize;
    private bool _isHead, _isPassed, _canReuse;

    private Http1Answer(Http1Connection connection, Http1Pool pool) => (_connection, _pool) = (connection, pool);

    public override int Status => _head.Status;

    /// <summary>Whether nothing has come back.</summary>
    public bool IsStale => _interimSize == 0 && _connection.Received.IsEmpty;

    /// <summary>The one of a connection.</summary>
    public static Http1Answer On(Http1Connection connection, Http1Pool pool) => (Http1Answer)(connection.Companion ??= new Http1Answer(connection, pool));

    /// <summary>Sends a request and reads the head of its answer.</summary>
    /// <returns>What the call has to know of it.</returns>
    /// <exception cref="IOException">The connection broke, or the answer is none.</exception>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<Sent<UpstreamAnswer>> AskAsync(GatewayExchange exchange, Attempt attempt, RequestBody? body, TimeSpan idle, TimeProvider time)
    {
        _head.Clear();
        (_headSize, _interimSize, _isPassed, _canReuse, _uploaded) = (0, 0, false, false, Task.CompletedTask);
        _isHead = HttpMethods.IsHead(exchange.Method);
        _link = attempt.Clock.Token.UnsafeRegister(static connection => ((Http1Connection)connection!).Abort(), _connection);
        Http1Request.Write(exchange, attempt, _pool, body, _connection.Output);
        // What came before the request was sent is no answer to it.
        if (_connection.HasMore)
            throw Http1Fault.Ended();
        var isSent = true;
        if (body is null)
            await _connection.Output.FlushAsync().ConfigureAwait(false);
        else if (exchange.Body is null && exchange.Context.Request.Headers.Expect is { Count: > 0 } expect && expect.Contains("100-continue", StringComparer.OrdinalIgnoreCase))
            isSent = await IsWantedAsync(time).ConfigureAwait(false);
        if (body is not null && isSent)
        {
            _upload ??= new Http1RequestStream(_connection);
            _upload.Begin(body.Length);
            _uploaded = body.SendAsync(_upload, attempt.Clock, attempt.Timeout, idle);
        }
        while (_headSize == 0 && !ReadHead())
        {
            if (!await _connection.ReceiveAsync(Http1Head.MaxSize).ConfigureAwait(false))
                throw Http1Fault.Ended();
        }
        _canReuse = _body.Begin(_head, !_isHead) && isSent;
        body?.Answered();
        return ToSent(body is null or { CanRepeat: true }, time);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public override async ValueTask<AttemptOutcome> PassAsync(GatewayExchange exchange, CallDeadline clock, TimeSpan idle, AnswerKeeper? keep)
    {
        var response = exchange.Context.Response;
        var status = _head.Status;
        _fields.Write(_head, _connection.Received[.._headSize], response);
        exchange.Route.Response?.ChangeHead(exchange.Context);
        _connection.Consume(_headSize);
        _isPassed = true;
        try
        {
            var copy = keep is not null && LastGoodAnswers.MayKeep(response) ? keep.Begin() : null;
            if (_body.IsWhole)
                return new(AttemptResult.Answered, status, ResponseStarted: true);
            exchange.BytesOut = await CopyAsync(response, clock, idle, copy).ConfigureAwait(false);
            keep?.End(copy, response);
            if (_body.Trailers is { } trailers)
                ResponseHead.CopyTrailers(trailers, response);
            return new(AttemptResult.Answered, status, ResponseStarted: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            _canReuse = false;
            return AttemptFailure.From(e, clock, status) with { ResponseStarted = true };
        }
    }

    /// <summary>Ends it and gives the connection back, or cuts it.</summary>
    public override void Dispose()
    {
        // Waits for a cut that is going on: it must not hit the next request.
        _link.Dispose();
        if (_canReuse && IsAllRead() && _uploaded.IsCompletedSuccessfully && _connection.Received.IsEmpty && !_connection.IsAborted)
            _pool.Return(_connection);
        else
            _connection.Abort();
    }

    /// <summary>Ends it without an answer.</summary>
    public void Cut()
    {
        _canReuse = false;
        Dispose();
    }

    private Sent<UpstreamAnswer> ToSent(bool canRepeat, TimeProvider time)
    {
        var head = _connection.Received[.._headSize];
        return new(new(AttemptResult.Answered, _head.Status), this)
        {
            CanRepeat = canRepeat,
            IsOpenEnded = _head.TryFind(head, "content-type"u8, out var type) && IsEventStream(type),
            RetryAfter = _head.TryFind(head, "retry-after"u8, out var after) ? RetryWait.Read(Encoding.Latin1.GetString(after), time.GetUtcNow()) : null,
        };
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<long> CopyAsync(HttpResponse response, CallDeadline clock, TimeSpan idle, AnswerCopy? copy)
    {
        // Without a start the server copies what is written once more.
        await response.StartAsync(clock.Token).ConfigureAwait(false);
        var to = response.BodyWriter;
        long total = 0;
        var unflushed = 0;
        var isHeadFlushed = false;
        while (true)
        {
            var count = _body.Find(_connection);
            if (count > 0)
            {
                Write(to, _connection.Received[..count], copy);
                _body.Take(_connection, count);
                total += count;
                unflushed += count;
                if (unflushed < FlushAt)
                    continue;
            }
            else if (_body.IsWhole)
            {
                // The server ends a body of known length without a flush of its own: the rest would wait for the connection to close.
                if (unflushed > 0 && response.ContentLength is not null)
                    await FlushAsync(to, clock, idle).ConfigureAwait(false);
                return total;
            }
            else
            {
                if (_body.IsLarge)
                    _connection.Enlarge();
                _connection.BeginReceive(_body.MostKept);
            }
            if (unflushed >= FlushAt || (!_connection.HasMore && (unflushed > 0 || !isHeadFlushed)))
            {
                await FlushAsync(to, clock, idle).ConfigureAwait(false);
                (unflushed, isHeadFlushed) = (0, true);
            }
            if (count > 0)
                continue;
            if (!_connection.HasMore)
                clock.Extend(idle);
            if (!await _connection.ReceiveAsync(_body.MostKept).ConfigureAwait(false))
                _body.End();
        }
    }

    private static void Write(PipeWriter to, ReadOnlySpan<byte> bytes, AnswerCopy? copy)
    {
        bytes.CopyTo(to.GetSpan(bytes.Length));
        to.Advance(bytes.Length);
        copy?.Add(bytes);
    }

    private static async ValueTask FlushAsync(PipeWriter to, CallDeadline clock, TimeSpan idle)
    {
        var flush = to.FlushAsync(clock.Token);
        if (!flush.IsCompleted)
            clock.Extend(idle);
        var flushed = await flush.ConfigureAwait(false);
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new OperationCanceledException("The client is gone.");
    }

    // Waits until the service says that it wants the body, or nothing for a while. When it has answered already, it does not.
    private async ValueTask<bool> IsWantedAsync(TimeProvider time)
    {
        await _connection.Output.FlushAsync().ConfigureAwait(false);
        using var over = new CancellationTokenSource();
        var patience = Task.Delay(s_continue, time, over.Token);
        try
        {
            while (true)
            {
                var interim = _interimSize;
                if (ReadHead())
                    return false;
                if (_interimSize > interim)
                    return true;
                if (await Task.WhenAny(_connection.WaitAsync(), patience).ConfigureAwait(false) == patience)
                    return true;
                if (!await _connection.ReceiveAsync(Http1Head.MaxSize).ConfigureAwait(false))
                    throw Http1Fault.Ended();
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }


    // Reads over interim answers (RFC 9110, 15.2), of which there may be any number of a limited size.
    private bool ReadHead()
    {
        while (_head.Read(_connection.Received) is > 0 and var size)
        {
            if (_head.Status >= 200)
            {
                _headSize = size;
                return true;
            }
            if (_head.Status == 101)
                throw Http1Fault.Malformed("The service changes to a protocol that nobody asked for.");
            _connection.Consume(size);
            _head.Clear();
            if ((_interimSize += size) > Http1Head.MaxSize)
                throw Http1Fault.TooLarge($"The interim answers have more than {Http1Head.MaxSize} bytes.");
        }
        return false;
    }

    // An answer that nobody wanted is worth reading only as far as it is there.
    private bool IsAllRead()
    {
        if (!_isPassed)
            _connection.Consume(_headSize);
        try
        {
            while (_body.Find(_connection) is > 0 and var count)
                _body.Take(_connection, count);
        }
        catch (IOException)
        {
            return false;
        }
        return _body.IsWhole;
    }

    private static bool IsEventStream(ReadOnlySpan<byte> type)
    {
        var end = type.IndexOf((byte)';');
        return Ascii.EqualsIgnoreCase((end < 0 ? type : type[..end]).TrimEnd(" \t"u8), "text/event-stream"u8);
    }
}
