using System.Net;
using Polly;
using Weft.Retry;

namespace Weft.Tests.Retry;

/// <summary>The program on the page about retry.</summary>
public sealed class RetryPageTests
{
    [Fact]
    public async Task The_program_on_the_page_runs()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = new HttpClient(new BusyOnce());

        // region pipeline
        // One budget for each service, for all who call it.
        var orders = new SharedRetryBudget(new() { Ratio = 0.1, Floor = 0.1 });

        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddWeftRetry(new()
            {
                Budget = orders,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .HandleResult(answer => answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests),
                RetryAfter = outcome => outcome.Result?.Headers.RetryAfter?.Delta,
            })
            .Build();

        using var answer = await pipeline.ExecuteAsync(
            async token => await client.GetAsync(new Uri("http://orders/v1/orders/7"), token), cancellation);
        // endregion

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange(orders.Available, 0.1, 0.2); // The floor's one was taken, a tenth was put in.
    }

    private sealed class BusyOnce : HttpMessageHandler
    {
        private int _count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(_count++ == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK));
    }
}
