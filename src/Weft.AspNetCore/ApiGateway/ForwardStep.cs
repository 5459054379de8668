using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.AspNetCore.ApiGateway.Forwarding;
using Weft.AspNetCore.ApiGateway.Transforms;
using Weft.Calls;
using Weft.Diagnostics;
using Weft.Options;
using Weft.Retry;
using Weft.ServiceRegistry;
using Weft.Timeouts;
using Yarp.ReverseProxy.Forwarder;

namespace Weft.AspNetCore.ApiGateway;

/// <summary>Sends a request on to a service under its policy, and its answer back; or a fallback, when nothing good came of it.</summary>
internal sealed class ForwardStep(CallPipeline calls, ServiceDirectory services, IHttpForwarder upgrades, LastGoodAnswers lastGood, TimeProvider time)
{
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        if (services.Current.Find(exchange.Route.Forward!) is not { } service)
            return ProblemKind.NoInstance.Plain;
        var policy = service.Guard.Policy;
        var input = Input(exchange) with { BalanceKey = KeyOf(exchange, service) };
        await using var forward = Open(exchange, service, policy, input);
        using var call = await calls.RunAsync(service, input, forward, exchange.Context.RequestAborted).ConfigureAwait(false);
        exchange.Instance = call.Attempt.Instance;
        if (policy.Fallback.Count == 0 || !call.IsFailure || call.IsOver || !await FallBackAsync(exchange, service, forward, input).ConfigureAwait(false))
            return await ConcludeAsync(exchange, forward, call).ConfigureAwait(false);
        if (call.Answer is { } unread)
            forward.Discard(unread);
        return null;
    }

    private IForward Open(GatewayExchange exchange, Service service, PolicyOptions policy, CallInput input)
    {
        if (input.IsOpenEnded)
            return new UpgradeForward(upgrades, exchange);
        var isKept = policy.Fallback.Count > 0 || service.Guard.Rules.MayRepeat(input.Method, input.HasIdempotencyKey);
        IForward forward = new StreamingForward(exchange, isKept ? policy.Retry.Body : 0, policy.Deadline.Idle, input.HasIdempotencyKey || RetryRules.IsIdempotent(input.Method), time);
        if (exchange.Route.Response is { HasBody: true } change)
            forward = new WholeAnswer(forward, exchange, change);
        if (policy.Fallback.Count > 0 && policy.Fallback.Any(f => f.Cached is not null) && LastGoodAnswers.KeyOf(exchange, service.Name) is { } key)
            forward.Keep = new(lastGood, key);
        return forward;
    }

    private CallInput Input(GatewayExchange exchange)
    {
        var (context, headers) = (exchange.Context, exchange.Context.Request.Headers);
        var input = new CallInput(exchange.Route.Name, exchange.Method)
        {
            HasIdempotencyKey = headers.ContainsKey("Idempotency-Key"),
            IsOpenEnded = UpgradeForward.Wants(context),
            Limit = Left(exchange, exchange.Route.Timeout),
        };
        if (!exchange.Route.Proxies.Sent(context))
            return input;
        if (headers.TryGetValue(CallHeaders.Attempt, out var attempt))
            input = input with { CallerAttempt = CallHeaders.ReadAttempt(attempt) };
        return DeadlineHeaders.TryRead(headers, static (h, name) => h.TryGetValue(name, out var value) ? value.ToString() : null, out var waits) && !(input.Limit < waits)
            ? input with { Limit = Left(exchange, waits) }
            : input;
    }

    private static ulong? KeyOf(GatewayExchange exchange, Service service) => service.Key?.Of(new RequestView(exchange.Context));

    private TimeSpan? Left(GatewayExchange exchange, TimeSpan? total) => total - time.GetElapsedTime(exchange.StartedAt);

    private async ValueTask<bool> FallBackAsync(GatewayExchange exchange, Service service, IForward forward, CallInput input)
    {
        foreach (var fallback in service.Guard.Policy.Fallback)
        {
            var kind = fallback switch
            {
                { Cached: { } age } => await AnswerLastGoodAsync(exchange, service, age).ConfigureAwait(false) ? "cached" : null,
                { Value: { } value } => await AnswerValueAsync(exchange, value, forward.KeptBody).ConfigureAwait(false) ? "value" : null,
                { Service: { } name } => await AnswerOtherAsync(exchange, name, forward, input).ConfigureAwait(false) ? "service" : null,
                _ => null,
            };
            if (kind is null)
                continue;
            WeftMeter.Fallbacks.Add(1, new("service", service.Name), new("kind", kind));
            return true;
        }
        return false;
    }

    private async ValueTask<bool> AnswerLastGoodAsync(GatewayExchange exchange, Service service, TimeSpan age)
    {
        if (LastGoodAnswers.KeyOf(exchange, service.Name) is not { } key || !lastGood.TryGet(key, age, out var answer, out var since))
            return false;
        var response = exchange.Context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        foreach (var (name, values) in answer.Headers)
            response.Headers[name] = values;
        // RFC 9111, section 5.1.
        response.Headers.Age = ((long)since.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await WriteAsync(exchange, "cached", answer.Body).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<bool> AnswerValueAsync(GatewayExchange exchange, Expressions.CelTree value, ReadOnlyMemory<byte> body)
    {
        if (FallbackValue.Of(value, services.Current.Vars).Make(exchange.Context, body) is not { } json)
            return false;
        exchange.Context.Response.StatusCode = StatusCodes.Status200OK;
        exchange.Context.Response.ContentType = "application/json";
        await WriteAsync(exchange, "value", json).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<bool> AnswerOtherAsync(GatewayExchange exchange, string name, IForward forward, CallInput input)
    {
        if (!forward.CanRepeat || services.Current.Find(name) is not { } other)
            return false;
        var left = input with { Limit = Left(exchange, exchange.Route.Timeout), BalanceKey = KeyOf(exchange, other) };
        using var call = await calls.RunAsync(other, left, forward, exchange.Context.RequestAborted).ConfigureAwait(false);
        if (call.IsFailure)
        {
            if (call.Answer is { } unread)
                forward.Discard(unread);
            return false;
        }
        exchange.Instance = call.Attempt.Instance;
        // It is not the answer of the service that failed.
        forward.Keep = null;
        exchange.Context.Response.Headers[CallHeaders.Fallback] = "service";
        await ConcludeAsync(exchange, forward, call).ConfigureAwait(false);
        return true;
    }

    private static async ValueTask WriteAsync(GatewayExchange exchange, string kind, byte[] body)
    {
        var response = exchange.Context.Response;
        response.Headers[CallHeaders.Fallback] = kind;
        response.ContentLength = body.Length;
        exchange.BytesOut = body.Length;
        if (!HttpMethods.IsHead(exchange.Context.Request.Method))
            await response.BodyWriter.WriteAsync(body, exchange.Context.RequestAborted).ConfigureAwait(false);
        // A body of known length would wait in the server for the end of the connection.
        await response.CompleteAsync().ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<Problem?> ConcludeAsync(GatewayExchange exchange, IForward forward, Call<UpstreamAnswer> call)
    {
        if (call.Rejection != Rejection.None)
            return RejectedProblem.Of(exchange, call.Rejection, call.RetryAfter);
        var outcome = call.Outcome;
        if (call.Answer is { } answer)
        {
            using (answer)
                outcome = await forward.AnswerAsync(answer, call.Attempt.Clock).ConfigureAwait(false);
            if (outcome.Result != AttemptResult.Answered)
                call.FailLate(outcome);
        }
        if (outcome.Result == AttemptResult.Answered)
            return null;
        if (outcome.ResponseStarted || outcome.Result == AttemptResult.Cancelled)
        {
            // Part of an answer must never look like all of it.
            exchange.Abort(outcome.Result == AttemptResult.Cancelled);
            return null;
        }
        return outcome.Result switch
        {
            AttemptResult.ConnectFailed => ProblemKind.Unreachable.Plain,
            AttemptResult.Timeout => RejectedProblem.TimedOut(exchange, call.Attempt),
            AttemptResult.BadRequest => RequestFailure.Problem(outcome.Status),
            _ => ProblemKind.BadUpstream.Plain,
        };
    }
}
