using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Endpoints;
using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Transforms;

/// <summary>Makes the JSON body that a service gets of a request that is read whole.</summary>
internal sealed class JsonBodyMaker
{
    private readonly string _place;
    private readonly RuleSet _rules;
    private readonly Plan _plan;
    private readonly RequestSlots _slots;

    /// <exception cref="ArgumentException">An expression is wrong.</exception>
    public JsonBodyMaker(CelTree tree, string place, OptionsMap<string> vars)
    {
        _place = place;
        _rules = new RuleSet(Places.Request, CelLimits.Default, vars);
        _plan = _rules.Require(tree, place);
        _slots = new RequestSlots(_rules.Slots);
    }

    /// <summary>Reads the request, which has been limited before, and makes the body.</summary>
    public async ValueTask<(byte[]? Body, Problem? Problem)> MakeAsync(GatewayExchange exchange)
    {
        try
        {
            using var read = await BodyBuffer.ReadAsync(exchange.Context.Request, exchange.Context.RequestAborted).ConfigureAwait(false);
            return Make(exchange.Context, read.Bytes);
        }
        catch (BadHttpRequestException e)
        {
            return (null, RequestFailure.Problem(e.StatusCode));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (null, RequestFailure.Problem(StatusCodes.Status400BadRequest));
        }
    }

    private (byte[]? Body, Problem? Problem) Make(HttpContext context, ReadOnlyMemory<byte> read)
    {
        if (_slots.NeedsBody && !read.IsEmpty && (!context.Request.HasJsonContentType() || IsEncoded(context.Request)))
            return (null, new(ProblemKind.Unsupported, "This route reads the body: send it as application/json, without Content-Encoding."));
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(new RequestView(context), read, frame);
            using var buffer = new JsonBuffer();
            if (buffer.Write(_plan, frame, out var json) is not { } error)
                return (json.ToArray(), null);
            WeftMeter.RuleErrors.Add(1, new KeyValuePair<string, object?>("rule", _place));
            return (null, new(ProblemKind.BadRequest, $"The body for the service cannot be made of this request: {error.Message}"));
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    private static bool IsEncoded(HttpRequest request) => request.Headers.ContentEncoding is [{ Length: > 0 } coding, ..] && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
