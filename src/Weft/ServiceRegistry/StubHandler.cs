using System.Net;
using System.Text.Json.Nodes;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>Answers in place of a service, so that everything that calls it sees a service.</summary>
internal sealed class StubHandler : HttpMessageHandler
{
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly StubAnswer[] _answers;

    public StubHandler(string service, OptionsMap<StubOptions> stubs, OptionsMap<string> vars, TimeProvider time)
    {
        _service = service;
        _time = time;
        _answers = [.. stubs.Select(pair => new StubAnswer(pair.Key, pair.Value, vars)).OrderBy(a => a.Path.Rank, StringComparer.Ordinal)];
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A service would read the body as well; a client that still sends must not be cut off.
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var answer = Find(request, out var allowed);
        if (answer is null)
            return Missing(request, allowed);
        if (answer.Options.Delay > TimeSpan.Zero)
            await Task.Delay(answer.Options.Delay, _time, cancellationToken).ConfigureAwait(false);
        return answer.Make(request, body, out var error)
            ?? Problem(request, HttpStatusCode.InternalServerError, "stub-body", "Stub has no body", $"The body of stub \"{answer.Key}\" of service {_service} cannot be made: {error}");
    }

    private StubAnswer? Find(HttpRequestMessage request, out string allowed)
    {
        var path = request.RequestUri!.AbsolutePath;
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var answer in _answers)
        {
            if (!answer.Path.Matches(path))
                continue;
            if (answer.Takes(request.Method.Method))
            {
                allowed = "";
                return answer;
            }
            others.Add(answer.Method);
        }
        allowed = string.Join(", ", others);
        return null;
    }

    private HttpResponseMessage Missing(HttpRequestMessage request, string allowed)
    {
        var known = string.Join(", ", _answers.Select(a => a.Key));
        var detail = $"The stub of service {_service} has no answer to {request.Method} {request.RequestUri!.AbsolutePath}. It answers {known}.";
        var response = allowed.Length > 0
            ? Problem(request, HttpStatusCode.MethodNotAllowed, "stub-method", "Method not allowed", detail)
            : Problem(request, HttpStatusCode.NotFound, "stub-path", "Not found", detail);
        if (allowed.Length > 0)
            response.Content.Headers.TryAddWithoutValidation("Allow", allowed);
        return response;
    }

    private static HttpResponseMessage Problem(HttpRequestMessage request, HttpStatusCode status, string type, string title, string detail)
    {
        var body = new JsonObject { ["type"] = $"urn:weft:problem:{type}", ["title"] = title, ["status"] = (int)status, ["detail"] = detail };
        return new HttpResponseMessage(status)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new("application/problem+json") } },
        };
    }
}
