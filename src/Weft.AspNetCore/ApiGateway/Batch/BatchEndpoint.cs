using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Batch;

/// <summary>
/// Several requests in one: each runs through the same routes, authentication and limits as if it had come by itself, some at a time, and none is worse off for what
/// becomes of another. The answer has them in the order of the batch.
/// </summary>
internal sealed class BatchEndpoint
{
    private readonly BatchOptions _options;
    private readonly RequestDelegate _gateway;
    private readonly TimeProvider _time;
    private readonly long _maxBody;

    /// <param name="options">How many at once, and where.</param>
    /// <param name="maxBody">How many bytes a batch may have.</param>
    /// <param name="endpoints">The routes.</param>
    /// <param name="services">Services of the app.</param>
    /// <param name="time">The clock of the time limit.</param>
    public BatchEndpoint(BatchOptions options, long maxBody, GatewayEndpoints endpoints, IServiceProvider services, TimeProvider time)
    {
        (_options, _maxBody, _time) = (options, maxBody, time);
        var app = new ApplicationBuilder(services);
        app.UseWeftGateway();
        app.UseRouting();
        app.UseEndpoints(routes => routes.DataSources.Add(endpoints));
        _gateway = app.Build();
    }

    /// <summary>Where batches are sent.</summary>
    public RouteEndpoint ToEndpoint() => (RouteEndpoint)new RouteEndpointBuilder(AnswerAsync, RoutePatternFactory.Parse(_options.Path), order: 0)
    {
        DisplayName = "batch",
        Metadata = { new HttpMethodMetadata([HttpMethods.Post]) },
    }.Build();

    private async Task AnswerAsync(HttpContext context)
    {
        var (batch, problem) = await ReadAsync(context).ConfigureAwait(false);
        using (batch)
        {
            IReadOnlyList<BatchOperation> operations = [];
            if (problem is null && BatchOperation.TryReadAll(batch!.RootElement, _options.Max, _options.Path, out operations) is { } wrong)
                problem = new(ProblemKind.BadRequest, wrong);
            if (problem is not null)
            {
                await ProblemWriter.WriteAsync(context, problem).ConfigureAwait(false);
                return;
            }
            await RunAsync(context, operations).ConfigureAwait(false);
        }
    }

    private async Task<(JsonDocument? Batch, Problem? Problem)> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            return (null, new(ProblemKind.Unsupported, "Send application/json."));
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = _maxBody;
        try
        {
            return (await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false), null);
        }
        catch (JsonException e)
        {
            return (null, new(ProblemKind.BadRequest, $"The body is no JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
        catch (BadHttpRequestException e)
        {
            return (null, RequestFailure.Problem(e.StatusCode));
        }
    }

    private async Task RunAsync(HttpContext context, IReadOnlyList<BatchOperation> operations)
    {
        var answers = new BatchContext?[operations.Count];
        using var places = new SemaphoreSlim(_options.Parallel);
        try
        {
            await Task.WhenAll(operations.Select(async (operation, i) =>
            {
                if (operation.Fault is not null)
                    return;
                await places.WaitAsync(context.RequestAborted).ConfigureAwait(false);
                try
                {
                    answers[i] = new(context, operation, _options.MaxAnswer);
                    await AskAsync(answers[i]!).ConfigureAwait(false);
                }
                finally
                {
                    places.Release();
                }
            })).ConfigureAwait(false);
            await WriteAsync(context, operations, answers).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, and with it every operation.
        }
        finally
        {
            foreach (var answer in answers)
                answer?.Dispose();
        }
    }

    // However it ends, the others go on.
    private async Task AskAsync(BatchContext answer)
    {
        using var limit = _time.CreateTimer(static answer => ((BatchContext)answer!).Abort(), answer, _options.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            await _gateway(answer.Context).ConfigureAwait(false);
            await answer.Context.Response.BodyWriter.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // What went wrong is in the answer; when it had begun, it is none.
            if (answer.Context.Response.HasStarted || answer.Context.Response.StatusCode < 400)
                answer.Abort();
        }
    }

    private static async Task WriteAsync(HttpContext context, IReadOnlyList<BatchOperation> operations, BatchContext?[] answers)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        var json = new Utf8JsonWriter(context.Response.BodyWriter);
        await using (json.ConfigureAwait(false))
        {
            json.WriteStartObject();
            json.WriteStartArray("results"u8);
            for (int i = 0; i < operations.Count; i++)
            {
                if (answers[i] is { } answer)
                    BatchResult.Write(json, operations[i], answer);
                else
                    BatchResult.WriteProblem(json, operations[i], new(ProblemKind.BadRequest, operations[i].Fault));
                await json.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await context.Response.CompleteAsync().ConfigureAwait(false);
    }
}
