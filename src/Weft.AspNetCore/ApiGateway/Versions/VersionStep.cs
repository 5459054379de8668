using System.Globalization;
using Microsoft.Extensions.Primitives;
using Weft.Options;

namespace Weft.AspNetCore.ApiGateway.Versions;

/// <summary>
/// Says with each answer that a version is deprecated (RFC 9745) and when it ends (RFC 8594), and once it has ended answers 410. Where a page tells more, both
/// link to it. Safe for use from many threads.
/// </summary>
internal sealed class VersionStep(VersionOptions options, TimeProvider time)
{
    private readonly string? _deprecation = options.Deprecated is { } since ? string.Create(CultureInfo.InvariantCulture, $"@{since.ToUnixTimeSeconds()}") : null;
    private readonly string? _sunset = options.Sunset?.ToUniversalTime().ToString("r", CultureInfo.InvariantCulture);
    private readonly StringValues _links = Links(options);

    /// <summary>What it does, for people.</summary>
    public string Sentence => options.Sunset is { } sunset
        ? string.Create(CultureInfo.InvariantCulture, $"Version {options.Is}: until {sunset:u}, then 410.")
        : options.Deprecated is { } deprecated ? string.Create(CultureInfo.InvariantCulture, $"Version {options.Is}: deprecated since {deprecated:u}.") : $"Version {options.Is}.";

    /// <summary>Adds the fields; a problem when the version has ended.</summary>
    public ValueTask<Problem?> RunAsync(GatewayExchange exchange)
    {
        var headers = exchange.Context.Response.Headers;
        if (_deprecation is not null)
            headers["Deprecation"] = _deprecation;
        if (_sunset is not null)
            headers["Sunset"] = _sunset;
        if (_links.Count > 0)
            headers.Link = StringValues.Concat(headers.Link, _links);
        return options.Sunset <= time.GetUtcNow()
            ? new(new Problem(ProblemKind.Gone, $"Version {options.Is} has ended.{(options.Link is null ? "" : $" See {options.Link}.")}"))
            : default;
    }

    private static StringValues Links(VersionOptions options)
    {
        var links = new List<string>();
        if (options is { Link: { } page, Deprecated: not null })
            links.Add($"<{page}>; rel=\"deprecation\"");
        if (options is { Link: { } end, Sunset: not null })
            links.Add($"<{end}>; rel=\"sunset\"");
        return new([.. links]);
    }
}
