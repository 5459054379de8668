using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Primitives;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>The fields of a request of the service's transport.</summary>
internal readonly struct MessageFields(HttpRequestMessage request) : IRequestFields
{
    public void Add(string name, string value)
    {
        if (!request.Headers.TryAddWithoutValidation(name, value))
            Content().Headers.TryAddWithoutValidation(name, value);
    }

    public void Add(string name, in StringValues values, string separator)
    {
        var lines = (IEnumerable<string?>)values.ToArray();
        if (separator != ", ")
            Add(name, string.Join(separator, lines));
        else if (!request.Headers.TryAddWithoutValidation(name, lines))
            Content().Headers.TryAddWithoutValidation(name, lines);
    }

    public void AddTrace(string name, Activity activity) => request.Headers.TryAddWithoutValidation(name, activity.Id);

    // Fields such as Content-Type belong to content in this API, with or without a body.
    private HttpContent Content() => request.Content ??= new NoBody();

    private sealed class NoBody : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return true;
        }
    }
}
