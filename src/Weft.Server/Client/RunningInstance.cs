using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.AspNetCore.Endpoints;

namespace Weft.Server.Client;

/// <summary>A running instance, through its admin address.</summary>
internal sealed class RunningInstance : IOperator
{
    private readonly HttpClient _http;
    private readonly Uri _url;

    public RunningInstance(Uri url, string token)
    {
        _url = url;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SubscriptionView>> SubscriptionsAsync() =>
        SendAsync(HttpMethod.Get, "/api/subscriptions", null, AdminJson.Default.IReadOnlyListSubscriptionView);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ServiceView>> ServicesAsync() =>
        SendAsync(HttpMethod.Get, "/api/services", null, AdminJson.Default.IReadOnlyListServiceView);

    /// <inheritdoc/>
    public Task<ChangeResult> HoldAsync(string subscription, bool pause) =>
        SendAsync(HttpMethod.Post, $"/api/subscriptions/{Escape(subscription)}/{(pause ? "pause" : "resume")}", null, AdminJson.Default.ChangeResult);

    /// <inheritdoc/>
    public Task<ChangeResult> SeekAsync(string subscription, string to) =>
        SendAsync(HttpMethod.Post, $"/api/subscriptions/{Escape(subscription)}/seek", JsonContent.Create(new SeekRequest(to), AdminJson.Default.SeekRequest), AdminJson.Default.ChangeResult);

    /// <inheritdoc/>
    public Task<ChangeResult> RemoveAsync(string subscription) =>
        SendAsync(HttpMethod.Delete, $"/api/subscriptions/{Escape(subscription)}", null, AdminJson.Default.ChangeResult);

    /// <inheritdoc/>
    public Task<DeadPage> ListDeadAsync(DeadQuery query, int limit) =>
        SendAsync(HttpMethod.Get, "/api/dead" + Parameters([.. Of(query), ("limit", Text(limit))]), null, AdminJson.Default.DeadPage);

    /// <inheritdoc/>
    public Task<DeadGroups> GroupDeadAsync(DeadQuery query) =>
        SendAsync(HttpMethod.Get, "/api/dead/groups" + Parameters(Of(query)), null, AdminJson.Default.DeadGroups);

    /// <inheritdoc/>
    public Task<DeadView> ShowDeadAsync(string subscription, string position) =>
        SendAsync(HttpMethod.Get, $"/api/dead/{Escape(subscription)}/{Escape(position)}", null, AdminJson.Default.DeadView);

    /// <inheritdoc/>
    public Task<DeadView> EditDeadAsync(string subscription, string position, DeadEdit edit) =>
        SendAsync(HttpMethod.Put, $"/api/dead/{Escape(subscription)}/{Escape(position)}", JsonContent.Create(edit, AdminJson.Default.DeadEdit), AdminJson.Default.DeadView);

    /// <inheritdoc/>
    public Task<DeadResult> ChangeDeadAsync(DeadRequest request, bool replay) =>
        SendAsync(HttpMethod.Post, replay ? "/api/dead/replay" : "/api/dead/discard", JsonContent.Create(request, AdminJson.Default.DeadRequest), AdminJson.Default.DeadResult);

    /// <inheritdoc/>
    public Task<MessagePage> ListMessagesAsync(MessageQuery query, int limit) => SendAsync(
        HttpMethod.Get,
        "/api/messages" + Parameters(("topic", query.Topic), ("where", query.Where), ("from", query.From), ("to", query.To), ("after", query.After), ("newest", query.Newest ? "true" : null), ("limit", Text(limit))),
        null,
        AdminJson.Default.MessagePage);

    /// <inheritdoc/>
    public Task<MessageView> ShowMessageAsync(string topic, string position) =>
        SendAsync(HttpMethod.Get, $"/api/messages/{Escape(topic)}/{Escape(position)}", null, AdminJson.Default.MessageView);

    /// <inheritdoc/>
    public Task<TraceView> TraceMessageAsync(string topic, string position) =>
        SendAsync(HttpMethod.Get, $"/api/messages/{Escape(topic)}/{Escape(position)}/trace", null, AdminJson.Default.TraceView);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return default;
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var response = await _http.SendAsync(request).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw await FailureAsync(response).ConfigureAwait(false);
            return (await response.Content.ReadFromJsonAsync(type).ConfigureAwait(false))!;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new UnreachableException($"No instance answers at {_url.GetLeftPart(UriPartial.Authority)}: {e.Message}", e);
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.Unreachable, $"What answers at {_url.GetLeftPart(UriPartial.Authority)} is no admin address of Weft.", e);
        }
    }

    private async Task<CommandException> FailureAsync(HttpResponseMessage response)
    {
        string address = _url.GetLeftPart(UriPartial.Authority);
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return new(ExitCode.Unreachable, $"What answers at {address} is no admin address of Weft: it answered {(int)response.StatusCode}.");
        using var problem = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync().ConfigureAwait(false)).ConfigureAwait(false);
        string detail = problem.RootElement.TryGetProperty("detail", out var text) ? text.GetString()! : $"it answered {(int)response.StatusCode}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new(ExitCode.Failed, $"{address} does not accept the token. Set WEFT_ADMIN_TOKEN to one of server.admin.tokens."),
            HttpStatusCode.ServiceUnavailable => new(ExitCode.Unreachable, detail),
            _ => new(ExitCode.Failed, detail),
        };
    }

    private static (string Name, string? Value)[] Of(DeadQuery query) =>
        [("subscription", query.Subscription), ("topic", query.Topic), ("where", query.Where), ("after", query.After)];

    private static string Parameters(params (string Name, string? Value)[] parameters) =>
        "?" + string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Escape(p.Value!)}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => Uri.EscapeDataString(text);
}

/// <summary>Nothing answers at the admin address.</summary>
internal sealed class UnreachableException(string message, Exception inner) : Exception(message, inner);
