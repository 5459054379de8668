using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Weft.Server.Tests;

namespace Weft.Dashboard.Tests.Rig;

/// <summary>A <c>weft run</c> with dead letters of two causes, and a page of a real browser on its dashboard.</summary>
internal sealed partial class Dashboard : IAsyncDisposable
{
    private const string Yaml = """
        weft: 1
        name: shop
        defaults: { auth: none }
        server:
          listen: [http://127.0.0.1:0]
          admin: { listen: http://127.0.0.1:PORT }
        connections: { main: { sqlite: data/tests.db } }
        services:
          billing: { endpoints: [BILLING] }
        topics:
          orders: { key: event.subject, accept: {} }
          payments: { accept: {} }
        subscriptions:
          invoice: { from: orders, push: { service: billing, path: /invoices } }
          large:   { from: orders, when: "event.data.total > 100", push: { service: billing, path: /large } }
          ledger:  { from: payments, push: { service: billing, path: /ledger } }

        """;

    private readonly Subscriber _subscriber;
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly string _directory;
    private readonly int _port;

    private Dashboard(Subscriber subscriber, IBrowserContext context, IPage page, string directory, int port)
    {
        (_subscriber, _context, Page, _directory, _port) = (subscriber, context, page, directory, port);
        page.Console += (_, message) => Note(message.Type == "error", message.Text);
        page.PageError += (_, error) => Note(true, error);
    }

    public IPage Page { get; }

    public WeftProcess Weft { get; private set; } = null!;

    public Subscriber Subscriber => _subscriber;

    public string Token { get; private set; } = "";

    /// <summary>Console errors that are no matter to a test, such as answers that it provokes.</summary>
    public string Expected { get; set; } = "";

    private Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>Starts all of it; signed in unless said otherwise.</summary>
    public static async Task<Dashboard> StartAsync(Browser browser, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool signIn = true, int orders = 6)
    {
        var subscriber = await Subscriber.StartAsync();
        int port = WeftProcess.FreePort();
        string directory = WeftProcess.Directory(Yaml.Replace("BILLING", subscriber.Url, StringComparison.Ordinal).Replace("PORT", $"{port}", StringComparison.Ordinal));
        var context = await browser.OpenAsync(width, height, scheme);
        context.SetDefaultTimeout(15_000);
        var dashboard = new Dashboard(subscriber, context, await context.NewPageAsync(), directory, port);
        await dashboard.RunAsync();
        await dashboard.PublishAllAsync(orders);
        if (signIn)
            await dashboard.OpenAsync($"#token={dashboard.Token}");
        return dashboard;
    }

    /// <summary>Starts the process, or starts it again.</summary>
    public async Task RunAsync()
    {
        Weft = await WeftProcess.RunAsync(_directory);
        Token = (await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(_directory, "state"), "admin.token", SearchOption.AllDirectories).Single())).Trim();
    }

    /// <summary>Goes to a place of the dashboard.</summary>
    public Task OpenAsync(string fragment) => Page.GotoAsync(new Uri(Address, fragment).ToString());

    /// <summary>Publishes an order and gives back its id.</summary>
    public async Task PublishAsync(string id, string data, string topic = "orders", string? causation = null)
    {
        using var client = Weft.Client("public");
        using var content = new StringContent(data, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/topics/{topic}") { Content = content };
        foreach (var (name, value) in new[] { ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "/shop"), ("ce-type", topic == "orders" ? "order.placed" : "payment.asked"), ("ce-subject", $"customer-{id[^1]}") })
            request.Headers.Add(name, value);
        // What one event causes is in its trace.
        request.Headers.Add("traceparent", $"00-4bf92f3577b34da6a3ce929d0e0e47{(causation ?? id)[^1] - '0':x2}-00f067aa0ba902b7-01");
        if (causation is not null)
            request.Headers.Add("ce-causationid", causation);
        Assert.Equal(HttpStatusCode.Accepted, (await client.SendAsync(request)).StatusCode);
    }

    /// <summary>Waits until there are so many dead letters.</summary>
    public Task UntilDeadAsync(int count) => WeftProcess.UntilAsync(CountDeadAsync, n => n == count);

    public async Task<int> CountDeadAsync()
    {
        using var client = Weft.Client("admin");
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return DeadCount().Matches(await client.GetStringAsync("/api/subscriptions")).Sum(m => int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Keeps a picture for a person to look at: artifacts/dashboard/NAME.png.</summary>
    public async Task PictureAsync(string name, bool whole = false)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Weft.slnx")))
            root = Path.GetDirectoryName(root)!;
        await Page.ScreenshotAsync(new() { Path = Path.Combine(root, "artifacts", "dashboard", name + ".png"), FullPage = whole });
    }

    /// <summary>The names of what has the focus while Tab is pressed so many times.</summary>
    public async Task<List<string>> TabAsync(int times)
    {
        var names = new List<string>();
        for (int i = 0; i < times; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            names.Add(await Page.EvaluateAsync<string>("() => { const e = document.activeElement; return e.getAttribute('aria-label') || (e.labels?.[0]?.innerText) || e.innerText || e.tagName; }"));
        }
        return names;
    }

    /// <summary>Fails when the browser has complained about anything that the test does not expect: scripts, policies, missing files.</summary>
    public void AssertNoErrors() => Assert.DoesNotContain(_errors, e => Expected.Length == 0 || !Regex.IsMatch(e, Expected));

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await Weft.DisposeAsync();
        await _subscriber.DisposeAsync();
    }

    private async Task PublishAllAsync(int orders)
    {
        await PublishAsync("A-0", """{"order":"A-0","customer":"c-1","total":20}""");
        for (int i = 1; i <= orders; i++)
            await PublishAsync($"A-{i}", i % 3 == 0 ? $$"""{"order":"A-{{i}}","customer":"c-{{i}}","total":{{i}}500.50}""" : $$"""{"order":"A-{{i}}","total":90071992547409931,"lines":[{"sku":"K-1","count":2},{"sku":"K-{{i}}","count":1}],"notes":[]}""");
        await PublishAsync("P-1", """{"order":"A-0","customer":"c-1","total":20}""", "payments", causation: "A-0");
        // Each is refused by both subscriptions of orders.
        await UntilDeadAsync(orders * 2);
    }

    private void Note(bool isError, string text)
    {
        if (isError)
            _errors.Add(text);
    }

    [GeneratedRegex("\"dead\":(\\d+)")]
    private static partial Regex DeadCount();
}
