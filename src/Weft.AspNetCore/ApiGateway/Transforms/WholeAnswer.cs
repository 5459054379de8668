using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.AspNetCore.ApiGateway.Forwarding;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>Forwards as another does, but reads a good answer whole and gives the client another body in its place, or a problem: nothing partial, and nothing as the service sent it.</summary>
internal sealed class WholeAnswer(IForward inner, GatewayExchange exchange, ResponseTransform transform) : IForward
{
    // They tell of the body that the service sent.
    private static readonly string[] s_ofBody = ["ETag", "Last-Modified", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "Content-Range", "Trailer"];

    public AnswerKeeper? Keep { get; set; }

    public bool CanHedge => inner.CanHedge;

    public bool CanRepeat => inner.CanRepeat;

    public ReadOnlyMemory<byte> KeptBody => inner.KeptBody;

    public ValueTask<Sent<UpstreamAnswer>> SendAsync(Attempt attempt) => inner.SendAsync(attempt);

    public void Discard(UpstreamAnswer answer) => inner.Discard(answer);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public async ValueTask<AttemptOutcome> AnswerAsync(UpstreamAnswer answer, CallDeadline clock)
    {
        if (answer.Status is < 200 or > 299 or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
            return await inner.AnswerAsync(answer, clock).ConfigureAwait(false);
        var context = exchange.Context;
        var whole = new LimitedBuffer(transform.MaxBody);
        var client = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var before = context.Response.Headers.ToArray();
        AttemptOutcome outcome;
        var kept = new StreamResponseBodyFeature(whole);
        context.Features.Set<IHttpResponseBodyFeature>(kept);
        try
        {
            outcome = await inner.AnswerAsync(answer, clock).ConfigureAwait(false);
            // What was not flushed yet.
            await kept.CompleteAsync().ConfigureAwait(false);
        }
        catch (IOException) when (whole.IsFull)
        {
            outcome = new(AttemptResult.Answered, answer.Status);
        }
        finally
        {
            context.Features.Set(client);
        }
        exchange.BytesOut = 0;
        var problem = outcome.Result == AttemptResult.Answered || whole.IsFull ? await WriteAsync(whole).ConfigureAwait(false) : null;
        if (problem is null && outcome.Result == AttemptResult.Answered)
            return outcome;
        // Nothing is left of what the service said.
        context.Response.Headers.Clear();
        foreach (var (name, values) in before)
            context.Response.Headers[name] = values;
        if (problem is null)
            return outcome with { ResponseStarted = false };
        // It is no failure of the service that its answer does not fit what the route makes of it.
        await ProblemWriter.WriteAsync(context, problem).ConfigureAwait(false);
        return new(AttemptResult.Answered, answer.Status, ResponseStarted: true);
    }

    private async ValueTask<Problem?> WriteAsync(LimitedBuffer whole)
    {
        var response = exchange.Context.Response;
        foreach (var name in s_ofBody)
            response.Headers.Remove(name);
        if (HttpMethods.IsHead(exchange.Context.Request.Method))
        {
            response.ContentLength = null;
            return null;
        }
        if (whole.IsFull)
            return Unfit($"it has more than {transform.MaxBody} bytes");
        if (response.Headers.ContentEncoding.Count > 0 && response.Headers.ContentEncoding != "identity")
            return Unfit("it is compressed, though that was not asked for");
        if (!IsJson(response.ContentType, whole.Written.Span))
            return Unfit("it is no JSON");
        var (body, why) = transform.MakeBody(exchange.Context, whole.Written);
        if (body is null)
            return Unfit(why!);
        response.ContentType = "application/json";
        response.ContentLength = exchange.BytesOut = body.Length;
        var copy = Keep is not null && LastGoodAnswers.MayKeep(response) ? Keep.Begin() : null;
        copy?.Add(body);
        Keep?.End(copy, response);
        await response.BodyWriter.WriteAsync(body, exchange.Context.RequestAborted).ConfigureAwait(false);
        // A body of known length would wait in the server for the end of the connection.
        await response.CompleteAsync().ConfigureAwait(false);
        return null;
    }

    private static Problem Unfit(string why) => new(ProblemKind.BadUpstream, $"The answer of the service cannot be changed as this route does: {why}.");

    private static bool IsJson(string? type, ReadOnlySpan<byte> body)
    {
        if (type is null || !Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out var media)
            || !(media.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || media.SubTypeWithoutSuffix.HasValue && media.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
            return false;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            while (reader.Read())
            {
                // Only whether it is whole and well formed.
            }
            return reader.BytesConsumed == body.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
