using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>Answers in place of a service, so that everything that calls it sees a service.</summary>
internal sealed class StubHandler : HttpMessageHandler
{
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly Answer[] _answers;

    public StubHandler(string service, OptionsMap<StubOptions> stubs, TimeProvider time)
    {
        _service = service;
        _time = time;
        _answers = [.. stubs.Select(pair => new Answer(pair.Key, pair.Value)).OrderBy(a => a.Path.Rank, StringComparer.Ordinal)];
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A service would read the body as well; a client that still sends must not be cut off.
        if (request.Content is not null)
            await request.Content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        var answer = Find(request, out var allowed);
        if (answer is null)
            return Missing(request, allowed);
        if (answer.Options.Delay > TimeSpan.Zero)
            await Task.Delay(answer.Options.Delay, _time, cancellationToken).ConfigureAwait(false);
        return answer.Make(request);
    }

    private Answer? Find(HttpRequestMessage request, out string allowed)
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
        var (status, title) = allowed.Length > 0 ? (HttpStatusCode.MethodNotAllowed, "Method not allowed") : (HttpStatusCode.NotFound, "Not found");
        var body = new Dictionary<string, object>
        {
            ["type"] = allowed.Length > 0 ? "urn:weft:problem:stub-method" : "urn:weft:problem:stub-path",
            ["title"] = title,
            ["status"] = (int)status,
            ["detail"] = $"The stub of service {_service} has no answer to {request.Method} {request.RequestUri!.AbsolutePath}. It answers {known}.",
        };
        var response = new HttpResponseMessage(status)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new("application/problem+json") } },
        };
        if (allowed.Length > 0)
            response.Content.Headers.TryAddWithoutValidation("Allow", allowed);
        return response;
    }

    private sealed class Answer
    {
        private readonly byte[] _body;

        public Answer(string key, StubOptions options)
        {
            Key = key;
            Options = options;
            var space = key.IndexOf(' ');
            Method = space < 0 ? "*" : key[..space];
            Path = new StubPattern(space < 0 ? key : key[(space + 1)..].Trim());
            _body = Encoding.UTF8.GetBytes(options.Body ?? "");
        }

        public string Key { get; }

        public StubOptions Options { get; }

        public string Method { get; }

        public StubPattern Path { get; }

        public bool Takes(string method) => Method == "*" || Method == method || (Method == "GET" && method == "HEAD");

        public HttpResponseMessage Make(HttpRequestMessage request)
        {
            var content = new ByteArrayContent(_body);
            if (Options.Body is { } body)
                content.Headers.ContentType = body.AsSpan().TrimStart() is ['{' or '[', ..] ? new("application/json") : new MediaTypeHeaderValue("text/plain", "utf-8");
            var response = new HttpResponseMessage((HttpStatusCode)Options.Status) { RequestMessage = request, Content = content };
            foreach (var (name, value) in Options.Headers)
            {
                if (response.Headers.TryAddWithoutValidation(name, value))
                    continue;
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            return response;
        }
    }
}
