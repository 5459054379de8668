using System.Net;
using System.Net.Http.Headers;
using Weft.Expressions;
using Weft.Expressions.Data;
using Weft.Expressions.Planning;
using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>One answer of a stub, made of the request.</summary>
internal sealed class StubAnswer
{
    private readonly RuleSet _rules;
    private readonly RequestSlots _slots;
    private readonly Plan? _body;

    /// <exception cref="ArgumentException">The body is wrong.</exception>
    public StubAnswer(string key, StubOptions options, OptionsMap<string> vars)
    {
        Key = key;
        Options = options;
        var space = key.IndexOf(' ', StringComparison.Ordinal);
        Method = space < 0 ? "*" : key[..space];
        Path = new StubPattern(space < 0 ? key : key[(space + 1)..].Trim());
        _rules = new RuleSet(Places.Request, CelLimits.Default, vars);
        _body = options.Body is null ? null : _rules.Require(options.Body, $"stub[\"{key}\"].body");
        _slots = new RequestSlots(_rules.Slots);
    }

    public string Key { get; }

    public StubOptions Options { get; }

    public string Method { get; }

    public StubPattern Path { get; }

    public bool Takes(string method) => Method == "*" || Method == method || (Method == "GET" && method == "HEAD");

    /// <summary>Makes the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requestBody">Its body.</param>
    /// <param name="error">Why its body cannot be made.</param>
    /// <returns>Null when there is an error.</returns>
    public HttpResponseMessage? Make(HttpRequestMessage request, byte[] requestBody, out CelError? error)
    {
        error = null;
        HttpContent content = new ByteArrayContent([]);
        if (_body is not null && (content = Body(request, requestBody, _body, out error)!) is null)
            return null;
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

    private ByteArrayContent? Body(HttpRequestMessage request, byte[] requestBody, Plan plan, out CelError? error)
    {
        var frame = _rules.Rent();
        try
        {
            _slots.Fill(new View(request, Path), requestBody, frame);
            // Only a tree that is one expression can give a text.
            if (Options.Body!.Text is not null && plan.Evaluate(frame) is { Kind: CelKind.String } text)
            {
                error = null;
                return new ByteArrayContent(text.AsSpan.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain", "utf-8") } };
            }
            using var buffer = new JsonBuffer();
            error = buffer.Write(plan, frame, out var json);
            return error is null ? new ByteArrayContent(json.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } : null;
        }
        finally
        {
            _rules.Return(frame);
        }
    }

    /// <summary>A call to the stub as expressions see it.</summary>
    private sealed class View(HttpRequestMessage request, StubPattern pattern) : IRequestView
    {
        private static readonly string[] s_request = ["method", "path", "host", "scheme"];

        public bool HasJsonBody => request.Content?.Headers.ContentType?.MediaType is { } type
            && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

        public string? Get(RequestPart part, string name) => part switch
        {
            RequestPart.Path => pattern.Value(request.RequestUri!.AbsolutePath, name),
            RequestPart.Headers => Header(name),
            RequestPart.Request => name switch
            {
                "method" => request.Method.Method,
                "path" => request.RequestUri!.AbsolutePath,
                "host" => request.RequestUri!.Authority,
                "scheme" => request.RequestUri!.Scheme,
                _ => null,
            },
            _ => All(part).Where(p => p.Key == name).Select(p => p.Value).FirstOrDefault(),
        };

        public IEnumerable<KeyValuePair<string, string>> All(RequestPart part) => part switch
        {
            RequestPart.Path => pattern.Names.Select(n => KeyValuePair.Create(n, Get(part, n)!)),
            RequestPart.Query => Query(request.RequestUri!.Query),
            RequestPart.Headers => request.Headers.Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), string.Join(", ", h.Value))),
            RequestPart.Request => s_request.Select(n => KeyValuePair.Create(n, Get(part, n)!)),
            _ => [],
        };

        private string? Header(string name) =>
            request.Headers.NonValidated.TryGetValues(name, out var values) || (request.Content?.Headers.NonValidated.TryGetValues(name, out values) ?? false)
                ? string.Join(", ", values)
                : null;

        private static IEnumerable<KeyValuePair<string, string>> Query(string query)
        {
            foreach (var pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).DistinctBy(p => p.Split('=')[0]))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                yield return KeyValuePair.Create(Decode(equals < 0 ? pair : pair[..equals]), equals < 0 ? "" : Decode(pair[(equals + 1)..]));
            }
        }

        private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }
}
