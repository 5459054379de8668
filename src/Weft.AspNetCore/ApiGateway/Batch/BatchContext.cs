using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Weft.AspNetCore.ApiGateway.Batch;

/// <summary>
/// A request of a batch on its way through the gateway: of the same connection and with the headers of the batch, but with a target, a body and an answer of its
/// own, which is kept in memory.
/// </summary>
internal sealed class BatchContext : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly LimitedBuffer _answer;

    /// <param name="batch">The batch.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="maxAnswer">How many bytes its answer may have.</param>
    public BatchContext(HttpContext batch, BatchOperation operation, int maxAnswer)
    {
        _over = CancellationTokenSource.CreateLinkedTokenSource(batch.RequestAborted);
        _answer = new(maxAnswer);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(Request(batch.Request, operation, out var body));
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_answer));
        features.Set<IHttpRequestLifetimeFeature>(this);
        features.Set<IRequestBodyPipeFeature>(new BodyPipe(PipeReader.Create(body)));
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(body.Length > 0));
        features.Set(batch.Features.Get<IHttpConnectionFeature>());
        features.Set(batch.Features.Get<ITlsConnectionFeature>());
        Context = new DefaultHttpContext(features) { RequestServices = batch.RequestServices };
    }

    /// <summary>What the gateway treats.</summary>
    public DefaultHttpContext Context { get; }

    /// <summary>The body of the answer.</summary>
    public ReadOnlyMemory<byte> Answer => _answer.Written;

    /// <summary>Whether the answer was broken off, so that what there is of it is not all.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Whether the answer is larger than what is kept.</summary>
    public bool IsTooLarge => _answer.IsFull;

    /// <inheritdoc/>
    public CancellationToken RequestAborted { get => _over.Token; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public void Abort()
    {
        IsAborted = true;
        _over.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    private static HttpRequestFeature Request(HttpRequest batch, BatchOperation operation, out MemoryStream body)
    {
        int query = operation.Path.IndexOf('?', StringComparison.Ordinal);
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, values) in batch.Headers)
        {
            // What the batch says of its body says nothing of this one. Who called, for whom and with which trace holds for all.
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !s_ofBatch.Contains(name))
                headers[name] = values;
        }
        foreach (var (name, value) in operation.Headers)
            headers[name] = value;
        body = new();
        if (operation.Body.ValueKind != JsonValueKind.Undefined)
        {
            using (var json = new Utf8JsonWriter(body))
                operation.Body.WriteTo(json);
            body.Position = 0;
            headers.ContentLength = body.Length;
            if (headers.ContentType.Count == 0)
                headers.ContentType = "application/json";
        }
        return new()
        {
            Protocol = batch.Protocol,
            Scheme = batch.Scheme,
            Method = operation.Method,
            PathBase = "",
            Path = PathString.FromUriComponent(query < 0 ? operation.Path : operation.Path[..query]).Value!,
            QueryString = query < 0 ? "" : operation.Path[query..],
            RawTarget = operation.Path,
            Headers = headers,
            Body = body,
        };
    }

    private static readonly HashSet<string> s_ofBatch = new(["Expect", "Transfer-Encoding", "Connection", "Upgrade", "Accept", "Accept-Encoding", "Idempotency-Key"], StringComparer.OrdinalIgnoreCase);

    private sealed record BodyPipe(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    // Who writes more is told that the other side is gone, which ends the answer.
}
