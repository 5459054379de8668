using System.Net;
using System.Text.Json;
using Weft.AspNetCore.ApiGateway.Authentication;
using Weft.Options;

namespace Weft.AspNetCore.Tests.ApiGateway.Authentication;

/// <summary>Several ways to authenticate, scopes and conditions.</summary>
public sealed class RouteAuthTests
{
    [Theory]
    [InlineData("orders:read", HttpStatusCode.Accepted)]
    [InlineData("orders:read orders:write", HttpStatusCode.Accepted)]
    [InlineData("orders", HttpStatusCode.Forbidden)]
    [InlineData("orders:read orders:delete", HttpStatusCode.Forbidden)]
    public async Task Scopes_must_all_be_there(string scopes, HttpStatusCode status)
    {
        await using var rig = await AuthRig.StartAsync(auth: new RouteAuthOptions { AnyOf = ["staff"], Scopes = [.. scopes.Split(' ')] });

        using var response = await rig.SendAsync(rig.Issuer.Token(rig.Now));

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Forbidden)
            Assert.Equal($"Bearer realm=\"weft\", error=\"insufficient_scope\", error_description=\"The credential does not allow this.\", scope=\"{scopes}\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("{\"scp\":[\"orders:read\"]}", HttpStatusCode.Accepted)]
    [InlineData("{\"scope\":[\"orders:read\"]}", HttpStatusCode.Accepted)]
    [InlineData("{\"scp\":\"a orders:read\"}", HttpStatusCode.Accepted)]
    [InlineData("{\"scp\":{\"orders:read\":true}}", HttpStatusCode.Unauthorized)]
    [InlineData("{}", HttpStatusCode.Forbidden)]
    public async Task Scopes_stand_in_texts_and_lists(string claims, HttpStatusCode status)
    {
        await using var rig = await AuthRig.StartAsync(auth: new RouteAuthOptions { AnyOf = ["staff"], Scopes = ["orders:read"] });
        var token = rig.Issuer.Token(rig.Now, c =>
        {
            c.Remove("scope");
            foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(claims)!.AsObject())
                c[name] = value!.DeepClone();
        });
        Assert.Equal(status, await rig.StatusAsync(token));
    }

    [Theory]
    [InlineData("claims.tenant == 'acme'", HttpStatusCode.Accepted)]
    [InlineData("claims.tenant == 'globex'", HttpStatusCode.Forbidden)]
    [InlineData("claims.nothing == 'acme'", HttpStatusCode.Forbidden)]
    [InlineData("request.method == 'POST' && claims.sub.startsWith('u-')", HttpStatusCode.Accepted)]
    public async Task Condition_must_be_true(string when, HttpStatusCode status)
    {
        await using var rig = await AuthRig.StartAsync(auth: new RouteAuthOptions { AnyOf = ["staff"], When = when });
        Assert.Equal(status, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
    }

    [Fact]
    public async Task Any_of_several_ways_will_do_and_all_are_named()
    {
        await using var rig = await AuthRig.StartAsync(auth: new RouteAuthOptions { AnyOf = ["staff", "other"] });
        Assert.Equal(HttpStatusCode.Accepted, await rig.StatusAsync(rig.Issuer.Token(rig.Now)));
        using var byKey = await rig.SendAsync("no.token.this", ("X-Api-Key", "let-me-in"));
        Assert.Equal(HttpStatusCode.Accepted, byKey.StatusCode);
        Assert.Equal("t.acme", rig.Gateway.Publisher.Published.Last().Message.Type);

        using var neither = await rig.SendAsync(null);

        Assert.Equal(HttpStatusCode.Unauthorized, neither.StatusCode);
        Assert.Equal(["Bearer realm=\"weft\"", "ApiKey header=\"X-Api-Key\""], neither.Headers.NonValidated["WWW-Authenticate"].ToArray());
    }

    [Fact]
    public async Task Keys_have_scopes_too()
    {
        await using var rig = await AuthRig.StartAsync(auth: new RouteAuthOptions { AnyOf = ["other"], Scopes = ["orders:read"] });
        using var allowed = await rig.SendAsync(null, ("X-Api-Key", "read-only"));
        using var refused = await rig.SendAsync(null, ("X-Api-Key", "let-me-in"));
        using var unknown = await rig.SendAsync(null, ("X-Api-Key", "let-me-out"));
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (allowed.StatusCode, refused.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task Answers_say_nothing_of_what_is_inside()
    {
        await using var rig = await AuthRig.StartAsync(before: i => i.Status = 500);
        using var response = await rig.SendAsync(rig.Issuer.Token(rig.Now));
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        Assert.Equal("urn:weft:problem:issuer-unreachable", JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public void Identities_are_told_apart_by_entry_and_claims()
    {
        var one = ApiKeys.Caller("a", "u", []);
        Assert.Equal(one.Key, ApiKeys.Caller("a", "u", []).Key);
        Assert.Distinct([one.Key, ApiKeys.Caller("b", "u", []).Key, ApiKeys.Caller("a", "v", []).Key, ApiKeys.Caller("a", "u", ["s"]).Key]);
    }
}
