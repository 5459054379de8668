namespace Weft.AspNetCore.ApiGateway;

/// <summary>A step of the gateway's pipeline.</summary>
/// <param name="Name">One word.</param>
/// <param name="Sentence">What it does, for people who ask why a request went where it went.</param>
/// <param name="RunAsync">Does it; a problem ends the request, null goes on.</param>
internal sealed record GatewayStep(string Name, string Sentence, Func<GatewayExchange, ValueTask<Problem?>> RunAsync);
