using Weft.Server.Commands;

namespace Weft.Server.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("rnu")]
    [InlineData("run --wach")]
    [InlineData("run --only tables.x")]
    [InlineData("run --only ,")]
    [InlineData("check -o yaml")]
    [InlineData("dead replay --subscription x")]
    [InlineData("dead replay 1 --all --subscription x")]
    [InlineData("dead list --limit 0")]
    [InlineData("dead replay --all --where true --subscription x")]
    [InlineData("dead replay --all --to moon --subscription x")]
    [InlineData("dead discard --all --to topic --subscription x")]
    [InlineData("dead replay --all --limit 0 --subscription x")]
    [InlineData("dead edit 1 --subscription x --set =1")]
    [InlineData("messages list")]
    [InlineData("messages trace 1")]
    [InlineData("dead show 1")]
    [InlineData("subscriptions seek x")]
    [InlineData("explain nothing.here")]
    [InlineData("eval 1 --place url")]
    [InlineData("eval 1 --place text")]
    [InlineData("eval 1 -x --type")]
    [InlineData("eval 1 -x -o json")]
    [InlineData("eval 1 --type -o json")]
    [InlineData("eval a --as template -x")]
    [InlineData("eval a --as template --type")]
    [InlineData("eval -x")]
    [InlineData("eval --type")]
    [InlineData("eval --as template")]
    [InlineData("eval --place url")]
    [InlineData("eval -o json")]
    [InlineData("eval -d -")]
    [InlineData("eval 1 --var a")]
    [InlineData("eval 1 -d nothing.json")]
    [InlineData("explain")]
    public async Task What_it_does_not_understand_is_a_usage_error_with_a_word_on_standard_error(string line)
    {
        var (exitCode, output, error) = await CallAsync(line);
        if (line == "explain")
        {
            Assert.Equal(0, exitCode);
            Assert.Contains("subscriptions", output, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("etl run products")]
    public async Task Verbs_of_later_versions_say_so(string line)
    {
        var (exitCode, _, error) = await CallAsync(line);
        Assert.Equal(2, exitCode);
        Assert.Contains("is not in this version", error, StringComparison.Ordinal);
        Assert.Contains("run, check", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("explain")]
    [InlineData("explain route")]
    [InlineData("dead")]
    [InlineData("dead replay")]
    [InlineData("dead edit")]
    [InlineData("dead list")]
    [InlineData("messages")]
    [InlineData("messages list")]
    [InlineData("subscriptions seek")]
    [InlineData("new")]
    public async Task Every_verb_explains_itself_and_each_of_its_options(string verb)
    {
        var (exitCode, output, error) = await CallAsync(verb + " --help");
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
        var options = output.Split('\n').Where(l => l.TrimStart().StartsWith('-'));
        Assert.All(options, l => Assert.True(l.TrimStart().Split("  ", StringSplitOptions.RemoveEmptyEntries).Length >= 2, $"No text for: {l}"));
    }

    [Fact]
    public async Task Version_is_one_line_or_json()
    {
        Assert.StartsWith("weft 0.", (await CallAsync("version")).Out, StringComparison.Ordinal);
        Assert.StartsWith("{\"weft\":\"0.", (await CallAsync("version -o json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_file_passes_the_strict_check_and_is_never_overwritten()
    {
        string directory = Directory.CreateTempSubdirectory("weft-new-").FullName;
        Assert.Equal(0, (await WeftProcess.CallAsync(directory, "new", "demo-1")).ExitCode);
        var (exitCode, output, error) = await WeftProcess.CallAsync(directory, "check", "--strict");
        Assert.True(exitCode == 0, error);
        Assert.Contains("fine", output, StringComparison.Ordinal);

        string written = await File.ReadAllTextAsync(Path.Combine(directory, "weft.yaml"));
        Assert.Contains("name: demo-1", written, StringComparison.Ordinal);
        Assert.Equal(1, (await WeftProcess.CallAsync(directory, "new", "other")).ExitCode);
        Assert.Equal(written, await File.ReadAllTextAsync(Path.Combine(directory, "weft.yaml")));
    }

    [Fact]
    public async Task Explain_asks_the_gateway_itself()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("weft-explain-").FullName, "weft.yaml");
        await File.WriteAllTextAsync(file, """
            weft: 1
            defaults: { auth: none }
            services: { a: { endpoints: [ { url: http://127.0.0.1:1 } ] } }
            routes:
              all:  { match: { path: "/v1/{**rest}" }, forward: { service: a } }
              one:  { match: { path: "/v1/orders/{id}", methods: [GET] }, forward: { service: a } }
              host: { match: { path: "/v1/orders/{id}", host: api.example.com }, forward: { service: a } }
            """);
        Assert.StartsWith("GET /v1/orders/7 is taken by one.", (await CallAsync("explain", "route", "GET /v1/orders/7", "-f", file)).Out, StringComparison.Ordinal);
        Assert.StartsWith("PUT /v1/orders/7 is taken by all.", (await CallAsync("explain", "route", "PUT /v1/orders/7", "-f", file)).Out, StringComparison.Ordinal);
        Assert.StartsWith("PUT /v1/orders/7 is taken by host.", (await CallAsync("explain", "route", "PUT /v1/orders/7", "-H", "Host: api.example.com", "-f", file)).Out, StringComparison.Ordinal);
        var (exitCode, output, _) = await CallAsync("explain", "route", "GET /v2", "-f", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("the path does not match /v1/{**rest}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_says_who_gets_an_event_and_why_not()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("weft-test-").FullName, "weft.yaml");
        await File.WriteAllTextAsync(file, """
            weft: 1
            connections: { main: { sqlite: weft.db } }
            services: { billing: { stub: { "POST /": { status: 202 } } } }
            topics: { orders: { key: event.data.country } }
            subscriptions:
              invoice: { from: orders, when: "event.type == 'OrderCreated' && event.data.total > 1000", push: { service: billing } }
              audit:   { from: orders, push: { service: billing } }
            tests:
              big:   { topic: orders, given: { type: OrderCreated, data: { total: 20000, country: DE } }, expect: [invoice, audit], key: DE }
              small: { topic: orders, given: { type: OrderCreated, data: { total: 20 } }, expect: [invoice] }
              flaw:  { topic: orders, given: { type: OrderCreated, data: {} }, expect: [audit, invoice], key: FR }
            """, TestContext.Current.CancellationToken);
        var (exitCode, output, _) = await CallAsync("test", "big", "-f", file);
        Assert.Equal((0, "ok      big\n1 test, 0 failed.\n"), (exitCode, output));

        (exitCode, output, _) = await CallAsync("test", "-f", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("failed  small\n          invoice should get it and does not: event.type == 'OrderCreated' && event.data.total > 1000 is false\n", output, StringComparison.Ordinal);
        Assert.Contains("          audit gets it and should not: it has no 'when' and gets all events of the topic\n", output, StringComparison.Ordinal);
        Assert.Contains("has no value: ", output, StringComparison.Ordinal);
        Assert.Contains("its key is '' and should be 'FR': event.data.country\n", output, StringComparison.Ordinal);
        Assert.EndsWith("3 tests, 2 failed.\n", output, StringComparison.Ordinal);

        (exitCode, output, _) = await CallAsync("test", "-o", "json", "-f", file);
        Assert.Equal(1, exitCode);
        Assert.Contains("\"name\": \"small\"", output, StringComparison.Ordinal);
        Assert.Contains("no test 'none'", (await CallAsync("test", "none", "-f", file)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_prints_a_policy_in_its_order_and_where_each_number_comes_from()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("weft-policy-").FullName, "weft.yaml");
        await File.WriteAllTextAsync(file, """
            weft: 1
            policies:
              standard: { retry: { max: 1 } }
              fragile:
                timeout: 800ms
                breaker: { failures: 3 }
              quick: { extends: fragile, bulkhead: off, hedge: { after: p90 } }
            services: { a: { endpoints: [http://127.0.0.1:1], policy: quick } }
            """);
        string output = (await CallAsync("explain", "policy", "quick", "-f", file)).Out;
        Assert.StartsWith("Policy quick, which extends fragile, which extends standard. Protects the calls to a.", output, StringComparison.Ordinal);
        Assert.Equal(["deadline", "hedge", "instance", "breaker", "timeout", "transport"],
            output.Split('\n').Where(l => l.Length > 0 && char.IsAsciiDigit(l[0])).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
        Assert.Equal("built in", From("deadline.total"));
        Assert.EndsWith("weft.yaml:3 (standard)", From("retry.max"), StringComparison.Ordinal);
        Assert.EndsWith("weft.yaml:5 (fragile)", From("timeout.fixed"), StringComparison.Ordinal);
        Assert.EndsWith("weft.yaml:6 (fragile)", From("breaker.failures"), StringComparison.Ordinal);
        Assert.EndsWith("weft.yaml:7", From("bulkhead.max"), StringComparison.Ordinal);
        Assert.EndsWith("weft.yaml:7", From("hedge.after"), StringComparison.Ordinal);
        Assert.Equal(output, (await CallAsync("explain", "policy", "a", "-f", file)).Out);

        Assert.Equal(2, (await CallAsync("explain", "policy", "quik", "-f", file)).ExitCode);
        Assert.Equal(69, (await CallAsync("explain", "policy", "quick", "--live", "-f", file)).ExitCode);

        string From(string key) => output.Split('\n').Single(l => l.StartsWith(key + " ", StringComparison.Ordinal)).Split("   ", StringSplitOptions.RemoveEmptyEntries)[^1].Trim();
    }

    private static Task<(int ExitCode, string Out, string Error)> CallAsync(string line) => CallAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static async Task<(int ExitCode, string Out, string Error)> CallAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        int exitCode = await CommandLine.RunAsync(args, new Terminal(output, error, isTerminal: false));
        return (exitCode, output.ToString(), error.ToString());
    }
}
