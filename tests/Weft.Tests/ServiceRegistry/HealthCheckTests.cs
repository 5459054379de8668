using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weft.CircuitBreaker;
using Weft.Options;
using Weft.ServiceRegistry;

namespace Weft.Tests.ServiceRegistry;

public sealed class HealthCheckTests : IAsyncDisposable
{
    private static readonly ActiveHealthOptions s_active = new() { Path = "/live", Every = TimeSpan.FromSeconds(5), Timeout = TimeSpan.FromSeconds(1), Up = 2, Down = 3 };

    private readonly FakeTimeProvider _time = new();
    private readonly Upstreams _upstreams = new();
    private readonly ServiceDirectory _services;

    public HealthCheckTests() => _services = new ServiceDirectory(_time, NullLogger<ServiceDirectory>.Instance, new Random(1), _upstreams);

    public async ValueTask DisposeAsync()
    {
        await _services.StopAsync(TimeSpan.Zero);
        _services.Dispose();
    }

    [Fact]
    public async Task One_that_answers_badly_is_out_after_some_and_in_again_after_some_good_answers()
    {
        await ApplyAsync(Options(s_active));
        await RoundAsync();
        Assert.Equal(["http://a/live", "http://b/base/live"], _upstreams.Asked.Distinct().Order(StringComparer.Ordinal));
        _upstreams.Answers["a"] = HttpStatusCode.ServiceUnavailable;
        await RoundAsync();
        await RoundAsync();
        Assert.Equal("ready", State(0));
        await RoundAsync();
        Assert.Equal(("failing-probes", "status 503"), (State(0), Service.StatusOf(Service.Members[0], _time.GetTimestamp()).Why));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("b", Choose()));

        _upstreams.Answers["a"] = HttpStatusCode.NoContent;
        await RoundAsync();
        Assert.Equal("failing-probes", State(0));
        await RoundAsync();
        Assert.Equal("ready", State(0));
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(null)]
    public async Task A_status_that_is_not_200_to_299_and_no_connection_say_not_well(HttpStatusCode? status)
    {
        _upstreams.Answers["a"] = status;
        await ApplyAsync(Options(s_active with { Down = 1 }));
        await RoundAsync();
        Assert.Equal(("failing-probes", "ready"), (State(0), State(1)));
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_says_not_well()
    {
        _upstreams.Hangs = "a";
        await ApplyAsync(Options(s_active with { Down = 1 }));
        await UntilAsync(() => _upstreams.Asked.Count >= 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => State(0) == "failing-probes");
        Assert.Equal("no answer within 1s", Service.StatusOf(Service.Members[0], _time.GetTimestamp()).Why);
    }

    [Fact]
    public async Task Good_answers_do_not_let_one_in_whose_calls_fail()
    {
        await ApplyAsync(Options(s_active, new() { Consecutive5xx = 3, Eject = TimeSpan.FromMinutes(1) }));
        await RoundAsync();
        for (var i = 0; i < 3; i++)
            Service.Learn(Service.Instances[0], Verdict.Failure, _time.GetTimestamp(), _time.GetTimestamp());
        for (var i = 0; i < 5; i++)
            await RoundAsync();
        Assert.Equal("ejected", State(0));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("b", Choose()));
    }

    [Fact]
    public async Task What_is_known_outlives_a_reload_while_address_and_settings_stay_and_ends_with_them()
    {
        _upstreams.Answers["a"] = HttpStatusCode.InternalServerError;
        await ApplyAsync(Options(s_active with { Down = 1 }));
        await RoundAsync();
        var instance = Service.Instances[0];
        await ApplyAsync(Options(s_active with { Down = 1 }, new()));
        Assert.Same(instance, Service.Instances[0]);
        Assert.Equal("failing-probes", State(0));
        await ApplyAsync(Options(s_active with { Down = 2, Path = "/other" }));
        Assert.Equal("ready", State(0));
        await UntilAsync(() => _upstreams.Asked.Contains("http://a/other"));
        await ApplyAsync(Options(null));
        Assert.Equal("ready", State(0));
    }

    [Fact]
    public async Task Nobody_is_asked_any_more_when_the_service_is_gone()
    {
        await ApplyAsync(Options(s_active));
        await RoundAsync();
        await ApplyAsync(new());
        var asked = _upstreams.Asked.Count;
        for (var i = 0; i < 10; i++)
            _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(asked, _upstreams.Asked.Count);
    }

    [Fact]
    public async Task One_that_joins_is_asked_soon()
    {
        await ApplyAsync(Options(s_active));
        await RoundAsync();
        Service.Replace([.. Service.Members.Select(m => m.Spec), new InstanceSpec(new Uri("http://c"))]);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return _upstreams.Asked.Contains("http://c/live");
        });
    }

    private Service Service => _services.Current.Find("up")!;

    private string State(int number) => Service.StatusOf(Service.Members[number], _time.GetTimestamp()).Word;

    private string Choose()
    {
        var tried = default(InstanceSet);
        Assert.True(Service.TryChoose(ref tried, _time.GetTimestamp(), out var choice));
        return choice.Instance.BaseAddress.Host;
    }

    private static WeftOptions Options(ActiveHealthOptions? active, OutlierOptions? outlier = null) => new()
    {
        Services = [new("up", new() { Endpoints = [new() { Url = "http://a" }, new() { Url = "http://b/base" }], Health = new() { Active = active, Outlier = outlier } })],
    };

    private async Task ApplyAsync(WeftOptions options) => await (await _services.PrepareAsync(options, default)).CommitAsync();

    /// <summary>Lets each instance be asked once more and its answer be counted.</summary>
    private async Task RoundAsync()
    {
        var (asked, a, b) = (_upstreams.Asked.Count, Asked("a"), Asked("b"));
        var waited = 0;
        await UntilAsync(() =>
        {
            if (Asked("a") > a && Asked("b") > b)
                return true;
            // The first round is due at once.
            if (asked > 0 || waited++ > 50)
                _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        });
        await UntilAsync(() => Service.Instances.All(i => !i.Probes.IsRunning));

        int Asked(string host) => _upstreams.Asked.Count(u => u.StartsWith("http://" + host, StringComparison.Ordinal));
    }

    // The prober runs on threads of its own; only its clock is virtual.
    private static async Task UntilAsync(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Upstreams : HttpMessageHandler, ITransportSource
    {
        public ConcurrentQueue<string> Asked { get; } = [];

        public ConcurrentDictionary<string, HttpStatusCode?> Answers { get; } = [];

        public string? Hangs { get; set; }

        public HttpMessageHandler Of(string service) => this;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(HttpMethod.Get, request.Method);
            Asked.Enqueue(request.RequestUri!.ToString());
            if (request.RequestUri.Host == Hangs)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return Answers.GetValueOrDefault(request.RequestUri.Host, HttpStatusCode.OK) is { } status
                ? new HttpResponseMessage(status)
                : throw new HttpRequestException(HttpRequestError.ConnectionError);
        }
    }
}
