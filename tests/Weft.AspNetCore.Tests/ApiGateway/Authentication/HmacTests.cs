using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Tests.Rig;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Signed webhooks, in the forms that their senders use.</summary>
public sealed class HmacTests
{
    private const string Body = "{\"id\":7,\"name\":\"ä\"}";

    private static readonly HmacOptions s_raw = new() { Header = "X-Hub-Signature-256", Prefix = "sha256=", Key = ["secret://hook-old", "secret://hook-new"] };
    private static readonly HmacOptions s_stripe = new() { Header = "Stripe-Signature", Form = HmacForm.Stripe, Key = ["secret://hook-new"] };

    private static readonly HmacOptions s_standard = new()
    {
        Header = "webhook-signature",
        Prefix = "v1,",
        Encoding = HmacEncoding.Base64,
        Text = "{id}.{timestamp}.{body}",
        Timestamp = "webhook-timestamp",
        Id = "webhook-id",
        Key = ["secret://hook-whsec_bmV3"],
    };

    [Theory]
    [InlineData("new", HttpStatusCode.Accepted)]
    [InlineData("old", HttpStatusCode.Accepted)]
    [InlineData("other", HttpStatusCode.Unauthorized)]
    public async Task Body_alone_is_signed_with_any_of_the_keys(string key, HttpStatusCode status)
    {
        await using var rig = await StartAsync(s_raw);
        Assert.Equal(status, await SendAsync(rig, Body, ("X-Hub-Signature-256", "sha256=" + Hex(key, Body))));
        if (status == HttpStatusCode.Accepted)
            Assert.Equal(Body, Encoding.UTF8.GetString(Assert.Single(rig.Gateway.Publisher.Published).Message.Data.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha1=00")]
    [InlineData("sha256=zz")]
    [InlineData("sha256=00")]
    public async Task Signatures_of_another_form_are_refused(string signature)
    {
        await using var rig = await StartAsync(s_raw);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, ("X-Hub-Signature-256", signature)));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, ("X-Hub-Signature-256", Hex("new", Body))));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body + " ", ("X-Hub-Signature-256", "sha256=" + Hex("new", Body))));
    }

    [Theory]
    [InlineData(0, HttpStatusCode.Accepted)]
    [InlineData(-299, HttpStatusCode.Accepted)]
    [InlineData(299, HttpStatusCode.Accepted)]
    [InlineData(-301, HttpStatusCode.Unauthorized)]
    [InlineData(301, HttpStatusCode.Unauthorized)]
    public async Task Time_in_the_header_is_signed_and_near(int seconds, HttpStatusCode status)
    {
        await using var rig = await StartAsync(s_stripe);
        var at = rig.Now.AddSeconds(seconds).ToUnixTimeSeconds();
        Assert.Equal(status, await SendAsync(rig, Body, ("Stripe-Signature", $"t={at},v1={new string('0', 64)},v1={Hex("new", $"{at}.{Body}")},v0=x")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, ("Stripe-Signature", $"t={rig.Now.ToUnixTimeSeconds() + 1},v1={Hex("new", $"{at}.{Body}")}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, ("Stripe-Signature", $"t={at},t={at},v1={Hex("new", $"{at}.{Body}")}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, ("Stripe-Signature", $"v1={Hex("new", Body)}")));
    }

    [Fact]
    public async Task A_message_with_an_id_is_taken_once_and_again_when_it_was_not_served()
    {
        await using var rig = await StartAsync(s_standard);
        var at = rig.Now.ToUnixTimeSeconds();
        (string, string)[] headers = [("webhook-id", "m-1"), ("webhook-timestamp", $"{at}"), ("webhook-signature", $"v1,AAAA v1,{Base64($"m-1.{at}.{Body}")}")];

        rig.Gateway.Publisher.Failure = new Weft.Flows.LogException(new Weft.Diagnostics.EventCode(3001), "full");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(rig, Body, headers));
        rig.Gateway.Publisher.Failure = null;
        await Eventually.TrueAsync(async () => await SendAsync(rig, Body, headers) == HttpStatusCode.Accepted);

        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(rig, Body, headers));
        rig.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(rig, Body, headers));
        headers[0].Item2 = "m-2";
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(rig, Body, headers));
        Assert.Single(rig.Gateway.Publisher.Published);
    }

    [Fact]
    public async Task Body_goes_on_to_the_service_and_its_limit_holds()
    {
        await using var upstream = await Upstream.StartAsync(async c =>
        {
            using var reader = new StreamReader(c.Request.Body);
            await c.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        var options = GatewayHost.Forward(new RouteOptions { Auth = "hooks", MaxBody = 200_000 }, upstream.Address);
        await using var gateway = await GatewayHost.StartAsync(options with { Auth = OptionsMap.Create<AuthOptions>([new("hooks", new() { Hmac = s_raw })]) });
        foreach (var (size, status) in new[] { (150_000, HttpStatusCode.OK), (200_001, HttpStatusCode.RequestEntityTooLarge) })
        {
            var body = new string('x', size);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/a") { Content = new StringContent(body), Headers = { { "X-Hub-Signature-256", "sha256=" + Hex("new", body) }, { "Transfer-Encoding", "chunked" } } };
            using var response = await gateway.Client.SendAsync(request);
            Assert.Equal(status, response.StatusCode);
            if (status == HttpStatusCode.OK)
                Assert.Equal(body, await response.Content.ReadAsStringAsync());
        }
    }

    private static Task<AuthRig> StartAsync(HmacOptions hmac) => AuthRig.StartAsync(auth: "other", other: new() { Hmac = hmac });

    private static async Task<HttpStatusCode> SendAsync(AuthRig rig, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hook") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await rig.Gateway.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static string Hex(string key, string text) => Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text))).ToLowerInvariant();

    private static string Base64(string text) => Convert.ToBase64String(HMACSHA256.HashData("new"u8, Encoding.UTF8.GetBytes(text)));
}
