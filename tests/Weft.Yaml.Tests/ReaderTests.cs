using Weft.Diagnostics;
using Weft.Expressions;
using Weft.Options;

namespace Weft.Yaml.Tests;

/// <summary>What a good file means, and what the reader does about several files, variables and limits.</summary>
public sealed class ReaderTests
{
    private static readonly ReadSettings s_settings = new() { Variables = _ => null, Handlers = ["audit"] };

    [Fact]
    public void A_file_gives_what_the_same_words_in_code_give()
    {
        var path = Path.Combine(Repo.Root, "tests", "Weft.Yaml.Tests", "Good", "shop.yaml");
        var result = WeftFile.Read([path], s_settings);
        Assert.Empty(result.Problems);
        Assert.Equal(Shop(Path.GetDirectoryName(path)!), result.Options);
        Assert.Equal([path], result.Files);
    }

    [Theory]
    [InlineData("retry: 4", "retry: { max: 4 }")]
    [InlineData("breaker: 3", "breaker: { failures: 3 }")]
    [InlineData("breaker: 3", "breaker: { ratio: 50%, window: 5s }", "breaker: { failures: 3, window: 5s }")]
    public void A_number_stands_for_the_part_of_a_policy_that_it_is(string first, string second, string? then = null)
    {
        // The third case: the number takes the place of the ratio that the other policy says, and leaves the rest.
        var (text, same) = then is null
            ? ($"weft: 1\npolicies: {{ a: {{ {first} }} }}\n", $"weft: 1\npolicies: {{ a: {{ {second} }} }}\n")
            : ($"weft: 1\npolicies: {{ b: {{ {second} }}, a: {{ extends: b, {first} }} }}\n", $"weft: 1\npolicies: {{ b: {{ {second} }}, a: {{ extends: b, {then} }} }}\n");
        var (result, expected) = (TempFolder.Read(text), TempFolder.Read(same));
        Assert.Empty(result.Problems);
        Assert.Equal(expected.Options!.Policies["a"], result.Options!.Policies["a"]);
    }

    [Fact]
    public void What_is_printed_is_read_back_equal()
    {
        using var folder = new TempFolder();
        foreach (var options in new[] { Shop(folder.Path), new WeftOptions(), new WeftOptions { Server = new() { Listen = [] } } })
        {
            var result = WeftFile.Read([folder.Write("weft.yaml", OptionsJson.Write(options))], s_settings);
            Assert.Empty(result.Problems);
            Assert.Equal(options, result.Options);
        }
    }

    [Fact]
    public void What_is_printed_holds_no_secret_even_when_options_do()
    {
        var options = new WeftOptions { Auth = [new("a", new() { ApiKey = new() { Keys = "hunter2" } })], Services = [new("s", new() { Endpoints = [new() { Url = "http://me:hunter2@x" }] })] };
        Assert.DoesNotContain("hunter2", OptionsJson.Write(options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_nothing_but_its_version_gives_the_defaults() => Assert.Equal(new WeftOptions(), TempFolder.Read("weft: 1\n").Options);

    [Fact]
    public void Variables_fill_in_text_and_never_structure()
    {
        var values = new Dictionary<string, string> { ["A"] = "x: {y: [", ["EMPTY"] = "", ["N"] = "45s" };
        var result = TempFolder.Read("""
            weft: 1
            server: { drain: "${N}" }
            vars:
              a: ${A}
              default: ${NONE:-d${A}}
              empty: ${EMPTY-d}
              emptyToo: ${EMPTY:-d}
              escaped: $${A} $A $
              nested: "${NONE:-${NOTHING:-deep}}!"
            """, new() { Variables = values.GetValueOrDefault });
        Assert.Empty(result.Problems);
        Assert.Equal(["x: {y: [", "dx: {y: [", "", "d", "${A} $A $", "deep!"], result.Options!.Vars.Values);
        Assert.Equal(TimeSpan.FromSeconds(45), result.Options.Server.Drain);
    }

    [Fact]
    public void A_value_of_a_variable_is_not_shown()
    {
        using var folder = new TempFolder();
        var result = WeftFile.Read([folder.Write("weft.yaml", "weft: 1\nserver: { drain: \"${P}\", probes: \"http://${P}\" }\n")], new() { Variables = _ => "hunter2 x" });
        Assert.Equal(2, result.Problems.Count);
        foreach (var format in Enum.GetValues<ProblemFormat>())
            Assert.DoesNotContain("hunter2", folder.Text(result, format), StringComparison.Ordinal);
    }

    [Fact]
    public void Unset_variables_are_unknown_values_when_that_is_allowed()
    {
        var text = """
            weft: 1
            defaults: { auth: none }
            server: { drain: "${DRAIN}", probes: nonsense }
            connections: { main: { sqlite: "${STORE:?say where}" } }
            services: { a: { endpoints: ["${URL}"] } }
            topics: { t: {} }
            """;
        var result = TempFolder.Read(text, new() { Variables = _ => null, RequireVariables = false });
        Assert.Equal(["server.probes"], result.Problems.Select(p => p.Path));
        Assert.Equal(["DRAIN", "STORE", "URL"], result.UnsetVariables);
        Assert.Equal(3, TempFolder.Read(text, new() { Variables = _ => null }).Problems.Count(p => p.Code == ProblemCodes.VariableNotSet));
    }

    [Fact]
    public void Values_of_the_host_are_looked_up_through_it()
    {
        var text = "weft: 1\nserver: { drain: \"config://Weft:Drain\" }\n";
        Assert.Equal(TimeSpan.FromSeconds(7), TempFolder.Read(text, new() { HostValue = k => k == "Weft:Drain" ? "7s" : null }).Options!.Server.Drain);
        Assert.Contains("does not have", Assert.Single(TempFolder.Read(text, new() { HostValue = _ => null }).Problems).Message, StringComparison.Ordinal);
        Assert.Contains("no host", Assert.Single(TempFolder.Read(text).Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Included_files_join_and_paths_are_relative_to_the_file_that_names_them()
    {
        using var folder = new TempFolder();
        folder.Write("parts/a.yaml", "include: [../shared.yaml]\nconnections: { a: { sqlite: a.db } }\nserver: { drain: 5s }\n");
        folder.Write("parts/b.yaml", "include: [../shared.yaml]\nconnections: { b: { sqlite: /b.db } }\n");
        folder.Write("shared.yaml", "secrets: { s: { file: s.txt } }\n");
        var main = folder.Write("weft.yaml", "weft: 1\ninclude: [parts/*.yaml]\nserver: { maxBody: 1MB }\n");
        var result = WeftFile.Read([main]);
        Assert.Empty(result.Problems);
        Assert.Equal(folder["parts/a.db"], result.Options!.Connections["a"].Sqlite);
        Assert.Equal("/b.db", result.Options.Connections["b"].Sqlite);
        Assert.Equal(folder["s.txt"], Path.GetFullPath(result.Options.Secrets["s"].File!));
        Assert.Equal((TimeSpan.FromSeconds(5), 1L << 20), (result.Options.Server.Drain, result.Options.Server.MaxBody));
        Assert.Equal([main, folder["parts/a.yaml"], folder["shared.yaml"], folder["parts/b.yaml"]], result.Files);
        Assert.Equal([folder["parts"]], result.Folders);
    }

    [Fact]
    public void A_name_in_two_files_is_an_error_that_names_both_places()
    {
        using var folder = new TempFolder();
        folder.Write("a.yaml", "\nvars: { a: x }\nserver: { drain: 5s }\nname: b\n");
        var result = WeftFile.Read([folder.Write("weft.yaml", "weft: 1\nname: a\ninclude: [a.yaml]\nvars: { a: y }\nserver: { drain: 6s }\n")]);
        Assert.Equal(["vars.a", "server.drain", "name"], result.Problems.Select(p => p.Path));
        Assert.All(result.Problems, p => Assert.Equal(ProblemCodes.DefinedTwice, p.Code));
        Assert.EndsWith("a.yaml:2:9", result.Problems[0].Place!.ToString(), StringComparison.Ordinal);
        Assert.Contains("weft.yaml:4:9", result.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_include_each_other_are_an_error()
    {
        using var folder = new TempFolder();
        folder.Write("a.yaml", "include: [b.yaml]\n");
        folder.Write("b.yaml", "include: [a.yaml]\n");
        var problem = Assert.Single(WeftFile.Read([folder.Write("weft.yaml", "weft: 1\ninclude: [a.yaml]\n")]).Problems);
        Assert.Equal(ProblemCodes.IncludeCycle, problem.Code);
        Assert.Contains("a.yaml → b.yaml → a.yaml", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_file_replaces_leaf_by_leaf_and_lists_whole()
    {
        using var folder = new TempFolder();
        var one = folder.Write("weft.yaml", "weft: 1\nserver: { drain: 5s, listen: [http://127.0.0.1:1, http://127.0.0.1:2] }\nvars: { a: x, b: y }\n");
        var two = folder.Write("prod.yaml", "server: { listen: [http://127.0.0.1:3] }\nvars: { b: z, c: w }\n");
        var result = WeftFile.Read([one, two]);
        Assert.Empty(result.Problems);
        Assert.Equal("http://127.0.0.1:3", Assert.Single(result.Options!.Server.Listen).Url);
        Assert.Equal(TimeSpan.FromSeconds(5), result.Options.Server.Drain);
        Assert.Equal(["x", "z", "w"], result.Options.Vars.Values);
        folder.Write("prod.yaml", "server: { drain: 5h }\n");
        Assert.EndsWith("prod.yaml:1:18", Assert.Single(WeftFile.Read([one, two]).Problems).Place!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_merge_keys_work()
    {
        var result = TempFolder.Read("""
            weft: 1
            defaults: { auth: none }
            connections: { main: &main { sqlite: a.db }, other: { <<: *main, sqlite: b.db, durability: os } }
            topics: { a: &t { store: main, keep: 3d }, b: *t, c: { <<: [*t], keep: 4d } }
            """);
        Assert.Empty(result.Problems);
        Assert.Equal(Durability.Os, result.Options!.Connections["other"].Durability);
        Assert.Equal(result.Options.Topics["a"], result.Options.Topics["b"]);
        Assert.Equal(new TopicOptions { Store = "main", Keep = TimeSpan.FromDays(4) }, result.Options.Topics["c"]);
    }

    [Fact]
    public void What_is_off_is_kept_and_still_checked()
    {
        var result = TempFolder.Read("weft: 1\ndefaults: { auth: none }\nservices: { a: { endpoints: [nothing], enabled: false } }\n");
        Assert.Equal("services.a.endpoints[0].url", Assert.Single(result.Problems).Path);
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_crash()
    {
        foreach (var text in new[] { "a: " + new string('[', 200_000), "a: " + string.Concat(Enumerable.Repeat("{a: ", 200_000)), string.Concat(Enumerable.Repeat("- ", 200_000)) + "x" })
            Assert.Contains(TempFolder.Read(text).Problems, p => p.Code == ProblemCodes.TooDeep);
    }

    [Fact]
    public void A_bomb_of_aliases_is_an_error_at_the_alias()
    {
        var lines = Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]");
        var problem = Assert.Single(TempFolder.Read("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Join('\n', lines)).Problems);
        Assert.Equal((ProblemCodes.TooManyNodes, 6), (problem.Code, problem.Place!.Line));
    }

    [Fact]
    public void Aliases_cannot_make_a_tree_deeper_than_allowed()
    {
        var lines = Enumerable.Range(1, 200).Select(i => $"a{i}: &a{i} [*a{i - 1}]");
        Assert.Equal(ProblemCodes.TooDeep, Assert.Single(TempFolder.Read("a0: &a0 []\n" + string.Join('\n', lines)).Problems).Code);
    }

    [Fact]
    public void Files_that_are_too_large_or_no_text_or_folders_are_errors()
    {
        using var folder = new TempFolder();
        Assert.Equal(ProblemCodes.TooLarge, Code(folder.Write("large.yaml", new string('#', 101)), new() { MaxBytes = 100 }));
        File.WriteAllBytes(folder["bytes.yaml"], [0x77, 0xff, 0xfe]);
        Assert.Equal(ProblemCodes.NotText, Code(folder["bytes.yaml"]));
        Assert.Equal(ProblemCodes.FileUnreadable, Code(folder.Path));
        Assert.Equal(ProblemCodes.FileUnreadable, Code(folder["none.yaml"]));
        Assert.Empty(WeftFile.Read([folder.Write("bom.yaml", "\uFEFFweft: 1\n")]).Problems);

        static EventCode Code(string path, ReadSettings? settings = null) => Assert.Single(WeftFile.Read([path], settings).Problems).Code;
    }

    [Fact]
    public void At_most_a_hundred_problems_are_told()
    {
        var result = TempFolder.Read("weft: 1\nserver:\n" + string.Concat(Enumerable.Range(0, 150).Select(i => $"  key{i}: x\n")));
        Assert.Equal((100, 50), (result.Problems.Count, result.ProblemsLeft));
    }

    /// <summary>What <c>Good/shop.yaml</c> says.</summary>
    private static WeftOptions Shop(string folder) => new()
    {
        Name = "shop",
        Vars = [new("region", "eu")],
        Secrets = [new("admin", new() { Env = "WEFT_ADMIN_TOKEN" }), new("look", new() { Config = "Weft:LookToken" }), new("partners", new() { File = Path.Combine(folder, "secrets/partners") })],
        Server = new()
        {
            Listen = [new() { Url = "http://127.0.0.1:8080" }, new() { Url = "https://0.0.0.0:8443", Certificate = Path.Combine(folder, "tls/shop.pem"), Key = Path.Combine(folder, "tls/shop.key") }],
            Probes = "http://0.0.0.0:8081",
            Admin = new() { Tokens = [new() { Token = "secret://admin" }, new() { Token = "secret://look", Rights = AdminRights.Read }] },
            Drain = TimeSpan.FromSeconds(45),
            MaxBody = 10 << 20,
            Log = new() { Format = LogFormat.Json, Access = true },
        },
        Defaults = new() { Auth = "none" },
        Connections = [new("main", new() { Sqlite = Path.Combine(folder, "stores/shop.db") }), new("fast", new() { Sqlite = Path.Combine(folder, "stores/fast.db"), Durability = Durability.Memory })],
        Auth = [new("partners", new() { ApiKey = new() { Header = "X-Partner", Keys = "secret://partners" } })],
        Policies = Policies(),
        Services =
        [
            new("orders", new() { Policy = "fragile", Endpoints = [new() { Url = "http://10.0.0.4:8080" }, new() { Url = "http://10.0.0.5:8080" }] }),
            new("billing", new() { Endpoints = [new() { Url = "http://billing:8080" }] }),
            new("catalog", new()
            {
                Stub =
                [
                    new("GET /items/{sku}", new() { Body = CelTree.Map([new("sku", "path.sku"), new("price", "9.90"), new("count", "1e2"), new("tags", CelTree.List("'new'", "null", "true", "vars.region"))]), Headers = [new("cache-control", "no-store")] }),
                    new("GET /text", new() { Body = "'plain text'", Delay = TimeSpan.FromMilliseconds(250) }),
                ],
            }),
            new("old", new() { Endpoints = [new() { Url = "http://old:8080" }], Enabled = false }),
        ],
        Routes =
        [
            new("orders", new() { Match = new() { Path = "/v1/orders/{**rest}", Methods = ["GET", "POST"], Host = "api.example.com" }, Auth = "partners", Forward = new() { Service = "orders" }, Timeout = TimeSpan.FromSeconds(3) }),
            new("payment", new() { Match = new() { Path = "/hooks/payment", Methods = ["POST"] }, Publish = new() { Topic = "payments", Type = "payment.{body.type}", Key = "body.id" }, MaxBody = 64 << 10 }),
            new("oldOrders", new() { Match = new() { Path = "/old" }, Forward = new() { Service = "old" }, Enabled = false }),
        ],
        Topics = [new("orders", new() { Store = "main", Key = "event.data.customerId", Accept = new() { Auth = "partners", MaxBody = 512 << 10 } }), new("payments", new() { Store = "fast" })],
        Subscriptions =
        [
            new("invoice", new()
            {
                When = "event.type == 'OrderCreated' && event.data.total > 1000",
                From = "orders",
                Push = new() { Service = "billing", Path = "/invoices" },
                Concurrency = 4,
                Retry = new() { Now = 0, For = TimeSpan.FromHours(36), Base = TimeSpan.FromMilliseconds(1500) },
                Status = new() { Dead = [], Pause = [401] },
                Dead = new() { Keep = TimeSpan.FromDays(90) },
                Start = "beginning",
            }),
            new("audit", new() { From = "payments", Handler = "audit", Ordered = false }),
        ],
    };

    private static OptionsMap<PolicyOptions> Policies()
    {
        PolicyOptions built = new(), none = PolicyOptions.None;
        var standard = built with { Deadline = built.Deadline with { Total = TimeSpan.FromSeconds(8) }, Retry = built.Retry with { Max = 1 } };
        var fragile = standard with
        {
            Extends = "standard",
            Timeout = new() { Fixed = TimeSpan.FromMilliseconds(800) },
            Retry = standard.Retry with
            {
                Base = TimeSpan.FromMilliseconds(20),
                On = [RetryReason.Connect, RetryReason.Of(503)],
                Methods = ["GET", "POST"],
                Unsafe = true,
                Body = 16 << 10,
                Budget = new() { Ratio = 0.05, Floor = 0.1, Window = TimeSpan.FromSeconds(20) },
            },
            Breaker = new() { Failures = 3, Scope = CircuitBreakerScope.Service, Around = CircuitBreakerAround.Retry, Mode = CircuitBreakerMode.Observe },
            Bulkhead = new() { Max = 64, Queue = 8, Adaptive = AdaptiveLimitMode.Gradient, Min = 4 },
            Hedge = new() { After = new(new Percentile(0.9)), Min = TimeSpan.FromMilliseconds(5), Max = 2, Budget = 0.01 },
            Fallback = [new() { Cached = TimeSpan.FromMinutes(10) }, new() { Value = CelTree.Map([new("items", CelTree.List()), new("asked", "path.rest")]) }, new() { Service = "billing" }],
        };
        return
        [
            new("standard", standard),
            new("fragile", fragile),
            new("quick", fragile with
            {
                Extends = "fragile",
                Timeout = new() { Adaptive = new(0.999), Factor = 1.5, Min = TimeSpan.FromMilliseconds(20), Max = TimeSpan.FromSeconds(2), Initial = TimeSpan.FromMilliseconds(500), Samples = 100, Window = TimeSpan.FromSeconds(30) },
                Breaker = fragile.Breaker with { Failures = 5, Ratio = 0.5, Minimum = 10, Window = TimeSpan.FromSeconds(5), Slow = new() { Over = TimeSpan.FromMilliseconds(800) } },
            }),
            new("bare", none with { Extends = "none", Deadline = new() { Total = TimeSpan.FromMinutes(1), Propagate = false, Margin = TimeSpan.FromMilliseconds(10), Idle = TimeSpan.FromSeconds(10) } }),
            new("open", standard with { Timeout = AttemptTimeoutOptions.Off, Retry = standard.Retry with { Max = 0 }, Breaker = CircuitBreakerOptions.Off, Bulkhead = BulkheadOptions.Off }),
        ];
    }
}
