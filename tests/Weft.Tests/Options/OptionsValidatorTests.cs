using Weft.Diagnostics;
using Weft.Options;

namespace Weft.Tests.Options;

/// <summary>The rules, on options made in C#.</summary>
public sealed class OptionsValidatorTests
{
    private static readonly WeftOptions s_good = new()
    {
        Defaults = new() { Auth = "none" },
        Secrets = [new("admin", new() { Env = "ADMIN" })],
        Connections = [new("main", new() { Sqlite = "shop.db" })],
        Auth = [new("partners", new() { ApiKey = new() { Keys = "secret://admin" } })],
        Services = [new("orders", new() { Endpoints = [new() { Url = "http://orders:8080" }] }), new("prices", new() { Stub = [new("GET /prices/{sku}", new())] })],
        Topics = [new("events", new() { Accept = new() })],
        Routes = [new("orders", new() { Match = new() { Path = "/orders/{**rest}" }, Forward = new() { Service = "orders" } })],
        Subscriptions = [new("invoice", new() { From = "events", Push = new() { Service = "orders" } })],
    };

    [Fact]
    public void Good_options_have_no_problems()
    {
        Assert.Empty(OptionsValidator.Validate(s_good));
        Assert.Empty(OptionsValidator.Validate(new WeftOptions()));
        OptionsValidator.ThrowIfInvalid(s_good);
    }

    public static TheoryData<string, EventCode, string> Cases()
    {
        var cases = new TheoryData<string, EventCode, string>();
        foreach (var (name, (code, path, _)) in s_cases)
            cases.Add(name, code, path);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_fault_is_found_alone_and_at_its_place(string name, EventCode code, string path)
    {
        var problem = Assert.Single(OptionsValidator.Validate(s_cases[name].Change(s_good), ["known"]));
        Assert.Equal((code, path), (problem.Code, problem.Path));
        Assert.Contains(string.Join('.', path.Split('.').Take(2)), problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_together()
    {
        var bad = s_cases["cap below base"].Change(s_cases["unknown service"].Change(s_cases["drain too long"].Change(s_good)));
        Assert.Equal(3, OptionsValidator.Validate(bad).Count);
        var thrown = Assert.Throws<WeftConfigurationException>(() => OptionsValidator.ThrowIfInvalid(bad));
        Assert.Equal(3, thrown.Message.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void A_range_error_names_value_range_default_and_remedy()
    {
        var problem = Assert.Single(OptionsValidator.Validate(s_cases["now too large"].Change(s_good)));
        Assert.Equal("subscriptions.invoice.retry.now is 500; allowed 0 to 10 (default 2). Tries after a wait are limited by 'for'.", problem.Message);
        Assert.Equal("500", problem.Value);
    }

    [Fact]
    public void A_secret_written_out_is_refused_and_not_shown()
    {
        var problem = Assert.Single(OptionsValidator.Validate(s_good with { Auth = s_good.Auth.With("partners", new() { ApiKey = new() { Keys = "hunter2" } }) }));
        Assert.Equal(ProblemCodes.NotASecret, problem.Code);
        Assert.DoesNotContain("hunter2", problem.ToString(), StringComparison.Ordinal);
        Assert.Null(problem.Value);
    }

    [Fact]
    public void Names_of_handlers_are_not_checked_when_they_are_not_known() =>
        Assert.Empty(OptionsValidator.Validate(s_cases["unknown handler"].Change(s_good)));

    [Fact]
    public void What_is_off_may_name_what_is_off()
    {
        var off = s_good with
        {
            Services = s_good.Services.With("orders", s_good.Services["orders"] with { Enabled = false }),
            Routes = s_good.Routes.With("orders", s_good.Routes["orders"] with { Enabled = false }),
        };
        var problem = Assert.Single(OptionsValidator.Validate(off));
        Assert.Equal((ProblemCodes.SwitchedOff, "subscriptions.invoice.push.service"), (problem.Code, problem.Path));
    }

    private static readonly Dictionary<string, (EventCode Code, string Path, Func<WeftOptions, WeftOptions> Change)> s_cases = new()
    {
        ["unknown service"] = (ProblemCodes.UnknownName, "routes.orders.forward.service", o => Route(o, r => r with { Forward = new() { Service = "oders" } })),
        ["no service"] = (ProblemCodes.Missing, "routes.orders.forward.service", o => Route(o, r => r with { Forward = new() })),
        ["unknown auth"] = (ProblemCodes.UnknownName, "routes.orders.auth", o => Route(o, r => r with { Auth = "partner" })),
        ["no verb"] = (ProblemCodes.ExactlyOne, "routes.orders", o => Route(o, r => r with { Forward = null })),
        ["two verbs"] = (ProblemCodes.ExactlyOne, "routes.orders", o => Route(o, r => r with { Publish = new() { Topic = "events" } })),
        ["no path"] = (ProblemCodes.Missing, "routes.orders.match.path", o => Route(o, r => r with { Match = new() })),
        ["rest in the middle"] = (ProblemCodes.PathPattern, "routes.orders.match.path", o => Path(o, "/a/{**rest}/b")),
        ["half a hole"] = (ProblemCodes.PathPattern, "routes.orders.match.path", o => Path(o, "/a/x{id}")),
        ["a hole twice"] = (ProblemCodes.PathPattern, "routes.orders.match.path", o => Path(o, "/{id}/{id}")),
        ["no slash"] = (ProblemCodes.PathPattern, "routes.orders.match.path", o => Path(o, "a")),
        ["query"] = (ProblemCodes.PathPattern, "routes.orders.match.path", o => Path(o, "/a?b=c")),
        ["small method"] = (ProblemCodes.WrongForm, "routes.orders.match.methods[0]", o => Route(o, r => r with { Match = r.Match with { Methods = ["get"] } })),
        ["host with port"] = (ProblemCodes.WrongForm, "routes.orders.match.host", o => Route(o, r => r with { Match = r.Match with { Host = "a:80" } })),
        ["timeout zero"] = (ProblemCodes.OutOfRange, "routes.orders.timeout", o => Route(o, r => r with { Timeout = TimeSpan.Zero })),
        ["same route"] = (ProblemCodes.SameRoute, "routes.again.match", o => o with { Routes = o.Routes.With("again", o.Routes["orders"] with { Match = new() { Path = "/orders/{**all}", Methods = ["GET"] } }) }),
        ["type with an open hole"] = (ProblemCodes.Expression, "routes.orders.publish.type", o => Route(o, r => r with { Forward = null, Publish = new() { Topic = "events", Type = "a.{body.b" } })),
        ["key without type"] = (ProblemCodes.WrongForm, "routes.orders.publish.key", o => Route(o, r => r with { Forward = null, Publish = new() { Topic = "events", Key = "body.b" } })),
        ["condition no bool"] = (ProblemCodes.Expression, "subscriptions.invoice.when", o => o with { Subscriptions = o.Subscriptions.With("invoice", o.Subscriptions["invoice"] with { When = "'a'" }) }),
        ["unknown variable of vars"] = (ProblemCodes.Expression, "subscriptions.invoice.when", o => o with { Subscriptions = o.Subscriptions.With("invoice", o.Subscriptions["invoice"] with { When = "event.type == vars.nowhere" }) }),
        ["unknown auth among others"] = (ProblemCodes.UnknownName, "routes.orders.auth.anyOf[1]", o => Route(o, r => r with { Auth = new() { AnyOf = ["partners", "partner"] } })),
        ["none among others"] = (ProblemCodes.WrongForm, "routes.orders.auth", o => Route(o, r => r with { Auth = new() { AnyOf = ["partners", "none"] } })),
        ["scopes of nobody"] = (ProblemCodes.Missing, "routes.orders.auth.anyOf", o => Route(o, r => r with { Auth = new() { Scopes = ["a"] } })),
        ["condition over a body"] = (ProblemCodes.Expression, "routes.orders.auth.when", o => Route(o, r => r with { Auth = new() { AnyOf = ["partners"], When = "body.a == 1" } })),
        ["issuer over http"] = (ProblemCodes.WrongForm, "auth.partners.jwt.issuer", o => o with { Auth = o.Auth.With("partners", new() { Jwt = new() { Issuer = "http://id.example.com", Audience = ["a"] } }) }),
        ["clocks too different"] = (ProblemCodes.OutOfRange, "auth.partners.jwt.skew", o => o with { Auth = o.Auth.With("partners", new() { Jwt = new() { Issuer = "https://id.example.com", Audience = ["a"], Skew = TimeSpan.FromMinutes(6) } }) }),
        ["time that is not signed"] = (ProblemCodes.WrongForm, "auth.partners.hmac.text", o => o with { Auth = o.Auth.With("partners", new() { Hmac = new() { Key = ["secret://admin"], Timestamp = "X-Time" } }) }),
        ["no auth"] = (ProblemCodes.NoAuth, "routes.orders.auth", o => o with { Defaults = new(), Topics = o.Topics.With("events", new()) }),
        ["no auth of a topic"] = (ProblemCodes.NoAuth, "topics.events.accept.auth", o => Route(o, r => r with { Auth = "none" }) with { Defaults = new() }),
        ["two stores"] = (ProblemCodes.StoreNeeded, "topics.events.store", o => o with { Connections = o.Connections.With("other", new() { Sqlite = "other.db" }) }),
        ["one file twice"] = (ProblemCodes.SameFile, "connections.other.sqlite", o => o with { Connections = o.Connections.With("other", new() { Sqlite = "./shop.db" }), Topics = o.Topics.With("events", new() { Store = "main" }) }),
        ["memory by name"] = (ProblemCodes.WrongForm, "connections.main.sqlite", o => o with { Connections = o.Connections.With("main", new() { Sqlite = ":memory:" }) }),
        ["no store"] = (ProblemCodes.StoreNeeded, "topics.events.store", o => o with { Connections = [] }),
        ["nothing of a connection"] = (ProblemCodes.ExactlyOne, "connections.main", o => o with { Connections = o.Connections.With("main", new()) }),
        ["key no expression"] = (ProblemCodes.Expression, "topics.events.key", o => o with { Topics = o.Topics.With("events", new() { Key = "event.data.a +" }) }),
        ["key empty"] = (ProblemCodes.Expression, "topics.events.key", o => o with { Topics = o.Topics.With("events", new() { Key = "" }) }),
        ["keep too short"] = (ProblemCodes.OutOfRange, "topics.events.keep.for", o => o with { Topics = o.Topics.With("events", new() { Keep = TimeSpan.FromSeconds(1) }) }),
        ["unknown topic"] = (ProblemCodes.UnknownName, "subscriptions.invoice.from", o => Subscription(o, s => s with { From = "event" })),
        ["unknown handler"] = (ProblemCodes.UnknownHandler, "subscriptions.invoice.handler", o => Subscription(o, s => s with { Push = null, Handler = "unknown" })),
        ["now too large"] = (ProblemCodes.OutOfRange, "subscriptions.invoice.retry.now", o => Subscription(o, s => s with { Retry = new() { Now = 500 } })),
        ["cap below base"] = (ProblemCodes.CapBelowBase, "subscriptions.invoice.retry.cap", o => Subscription(o, s => s with { Retry = new() { Base = TimeSpan.FromHours(1) } })),
        ["a status of success"] = (ProblemCodes.OutOfRange, "subscriptions.invoice.status.dead[0]", o => Subscription(o, s => s with { Status = new() { Dead = [200] } })),
        ["a status twice"] = (ProblemCodes.WrongForm, "subscriptions.invoice.status", o => Subscription(o, s => s with { Status = new() { Dead = [401] } })),
        ["start yesterday"] = (ProblemCodes.WrongForm, "subscriptions.invoice.start", o => Subscription(o, s => s with { Start = "yesterday" })),
        ["push path"] = (ProblemCodes.WrongForm, "subscriptions.invoice.push.path", o => Subscription(o, s => s with { Push = s.Push! with { Path = "x" } })),
        ["unknown secret"] = (ProblemCodes.UnknownName, "auth.partners.apiKey.keys", o => o with { Auth = o.Auth.With("partners", new() { ApiKey = new() { Keys = "secret://admn" } }) }),
        ["two places of a secret"] = (ProblemCodes.ExactlyOne, "secrets.admin", o => o with { Secrets = o.Secrets.With("admin", new() { Env = "A", File = "b" }) }),
        ["auth called none"] = (ProblemCodes.Name, "auth.none", o => o with { Auth = o.Auth.With("none", o.Auth["partners"]) }),
        ["a name with a space"] = (ProblemCodes.Name, "topics[\"a b\"]", o => o with { Topics = o.Topics.With("a b", new()) }),
        ["stub key"] = (ProblemCodes.StubKey, "services.prices.stub[\"/prices\"]", o => o with { Services = o.Services.With("prices", new() { Stub = [new("/prices", new())] }) }),
        ["stub status"] = (ProblemCodes.OutOfRange, "services.prices.stub[\"GET /\"].status", o => o with { Services = o.Services.With("prices", new() { Stub = [new("GET /", new() { Status = 99 })] }) }),
        ["stub body no expression"] = (ProblemCodes.Expression, "services.prices.stub[\"GET /\"].body", o => o with { Services = o.Services.With("prices", new() { Stub = [new("GET /", new() { Body = "{" })] }) }),
        ["two kinds of a service"] = (ProblemCodes.ExactlyOne, "services.orders", o => o with { Services = o.Services.With("orders", o.Services["orders"] with { Stub = [new("GET /", new())] }) }),
        ["password in an address"] = (ProblemCodes.WrongForm, "services.orders.endpoints[0].url", o => o with { Services = o.Services.With("orders", new() { Endpoints = [new() { Url = "http://me:pw@orders" }] }) }),
        ["drain too long"] = (ProblemCodes.OutOfRange, "server.drain", o => o with { Server = new() { Drain = TimeSpan.FromDays(1) } }),
        ["admin for all"] = (ProblemCodes.OpenListener, "server.admin.listen", o => o with { Server = new() { Admin = new() { Listen = new() { Url = "http://0.0.0.0:9090" }, Tokens = [new() { Token = "secret://admin" }] } } }),
        ["admin without tokens"] = (ProblemCodes.OpenListener, "server.admin.listen", o => o with { Server = new() { Admin = new() { Listen = new() { Url = "https://0.0.0.0:9090", Certificate = "c.pem" } } } }),
        ["no certificate"] = (ProblemCodes.Certificate, "server.listen[0]", o => o with { Server = new() { Listen = [new() { Url = "https://127.0.0.1:8443" }] } }),
        ["certificate without TLS"] = (ProblemCodes.Certificate, "server.listen[0]", o => o with { Server = new() { Listen = [new() { Url = "http://127.0.0.1:8443", Certificate = "c.pem" }] } }),
        ["one address twice"] = (ProblemCodes.SameAddress, "server.probes", o => o with { Server = new() { Probes = "http://127.0.0.1:8080" } }),
        ["listen with a path"] = (ProblemCodes.WrongForm, "server.listen[0].url", o => o with { Server = new() { Listen = [new() { Url = "http://127.0.0.1/a" }] } }),
        ["no such choice"] = (ProblemCodes.NotAChoice, "server.log.format", o => o with { Server = new() { Log = new() { Format = (LogFormat)7 } } }),
    };

    private static WeftOptions Route(WeftOptions o, Func<RouteOptions, RouteOptions> change) => o with { Routes = o.Routes.With("orders", change(o.Routes["orders"])) };

    private static WeftOptions Path(WeftOptions o, string path) => Route(o, r => r with { Match = new() { Path = path } });

    private static WeftOptions Subscription(WeftOptions o, Func<SubscriptionOptions, SubscriptionOptions> change) =>
        o with { Subscriptions = o.Subscriptions.With("invoice", change(o.Subscriptions["invoice"])) };
}
