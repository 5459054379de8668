using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Endpoints;
using Weft.EventBus;
using Weft.Flows;
using Weft.Messages;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Stores a request as an event, or the events that it holds, and answers 202 once they are durable.</summary>
internal sealed class PublishStep(IPublisher publisher, TimeProvider time)
{
    public async ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        var context = exchange.Context;
        try
        {
            using var body = await BodyBuffer.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            return await PublishAsync(exchange, body.Bytes).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            return RequestFailure.Problem(e.StatusCode);
        }
        catch (LogException)
        {
            context.Response.Headers.RetryAfter = "1";
            return new(ProblemKind.Store, "Send it again with the same id.");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            exchange.Abort(clientGone: true);
            return null;
        }
        catch (IOException)
        {
            return RequestFailure.Problem(StatusCodes.Status400BadRequest);
        }
    }

    private async ValueTask<Problem?> PublishAsync(GatewayExchange exchange, ReadOnlyMemory<byte> body)
    {
        var context = exchange.Context;
        var topic = exchange.Route.Publish!.Topic;
        Message[] events;
        var isBatch = false;
        EventError? error;
        if (exchange.Route.Events is not { } maker)
        {
            if (!EventIntake.TryRead(context.Request, body.Span, out events, out isBatch, out error))
                return ToProblem(error);
            for (int i = 0; i < events.Length; i++)
                events[i] = Causation.WithTrace(events[i], exchange.Activity.Id);
        }
        else
        {
            if (maker.TryMake(context, body, out var type, out var key) is { } noType)
                return ToProblem(new EventError(EventError.Invalid, "type", $"The type of the event cannot be made of this request: {noType}"));
            if (!EventIntake.TryMake(exchange, IdOf(context.Request), type, key, body.Span, time.GetUtcNow(), out var made, out error))
                return ToProblem(error);
            events = [made];
        }

        // From here on a caller that goes away changes nothing: it cannot know whether the event was stored.
        if (isBatch)
            await publisher.PublishAsync(topic, events, CancellationToken.None).ConfigureAwait(false);
        else
            await publisher.PublishAsync(topic, events[0], CancellationToken.None).ConfigureAwait(false);
        await AcceptAsync(context.Response, events, isBatch).ConfigureAwait(false);
        return null;
    }

    private string IdOf(HttpRequest request) =>
        request.Headers.TryGetValue("Idempotency-Key", out var key) && key is [{ Length: > 0 } id] ? id : Guid.CreateVersion7(time.GetUtcNow()).ToString();

    private static Problem ToProblem(EventError error) =>
        new(error.Code == EventError.Unsupported ? ProblemKind.Unsupported : ProblemKind.BadEvent, error.Text)
        {
            Attribute = error.Attribute,
            Index = error.Index,
            Code = error.Code.ToString(),
        };

    private static async Task AcceptAsync(HttpResponse response, Message[] events, bool isBatch)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            if (isBatch)
                json.WriteStartArray("ids"u8);
            foreach (var message in events)
            {
                message.TryGet("id"u8, out var id);
                if (isBatch)
                    json.WriteStringValue(id);
                else
                    json.WriteString("id"u8, id);
            }
            if (isBatch)
                json.WriteEndArray();
            json.WriteEndObject();
        }
        await response.BodyWriter.FlushAsync().ConfigureAwait(false);
    }
}
