using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Weft.Dashboard.Tests.Rig;
using static Microsoft.Playwright.Assertions;

namespace Weft.Dashboard.Tests;

public sealed partial class PageTests(Browser browser)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static TheoryData<string, string> Places => new()
    {
        { "subscriptions", "#/" },
        { "dead", "#/dead" },
        { "causes", "#/dead?by=cause" },
        { "detail", "#/dead/invoice/2" },
        { "messages", "#/messages" },
        { "trace", "#/messages/orders/2" },
    };

    [Fact]
    public async Task A_lost_connection_is_said_and_comes_back()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        dashboard.Expected = "ERR_|Failed to load|network error";
        var page = dashboard.Page;
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await dashboard.Weft.DisposeAsync();
        await Expect(page.GetByText("The connection is lost.")).ToBeVisibleAsync();
        await dashboard.PictureAsync("lost");
        await page.GetByRole(AriaRole.Link, new() { Name = "Messages" }).ClickAsync();
        await Expect(page.GetByText("Weft does not answer")).ToBeVisibleAsync();
        await dashboard.PictureAsync("lost-failure");

        await dashboard.RunAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("The connection is lost.")).ToHaveCountAsync(0);
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task Every_control_has_a_name_and_nothing_breaks_the_policy()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        foreach (var place in Places)
        {
            await dashboard.OpenAsync(place.Data.Item2);
            await Expect(dashboard.Page.Locator(".loading")).ToHaveCountAsync(0);
            string tree = await dashboard.Page.Locator("body").AriaSnapshotAsync();
            Assert.Contains("heading", tree, StringComparison.Ordinal);
            Assert.DoesNotMatch(Nameless(), tree);
            Assert.Equal(0, await dashboard.Page.Locator("[style], style, script:not([src])").CountAsync());
        }
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task Tab_goes_through_the_page_in_the_order_of_reading()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        await dashboard.OpenAsync("#/dead?subscription=invoice");
        await Expect(dashboard.Page.Locator(".list > li")).ToHaveCountAsync(6);
        var names = await dashboard.TabAsync(15);
        Assert.Equal(
            ["Skip to the contents", "Subscriptions", "Dead letters", "Messages", "Sign out", "One by one", "By cause", "Subscription", "Condition (CEL)", "Search", "Examples", "Tick all shown", "Replay all …", "Discard all …", "Tick invoice 2"],
            names.Select(n => n.Split('\n')[0].Trim()));
        await dashboard.Page.Keyboard.PressAsync("Tab");
        await dashboard.Page.Keyboard.PressAsync("ArrowDown");
        await dashboard.Page.Keyboard.PressAsync("Enter");
        await Expect(dashboard.Page.GetByRole(AriaRole.Article)).ToBeFocusedAsync();
        Assert.Contains("#/dead/invoice/3", dashboard.Page.Url, StringComparison.Ordinal);
        dashboard.AssertNoErrors();
    }

    [Theory]
    [InlineData(400, ColorScheme.Light)]
    [InlineData(400, ColorScheme.Dark)]
    [InlineData(1600, ColorScheme.Light)]
    [InlineData(1600, ColorScheme.Dark)]
    public async Task It_fits_narrow_and_wide_windows_in_light_and_dark(int width, ColorScheme scheme)
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, width, 900, scheme);
        foreach (var place in Places)
        {
            var (name, fragment) = place.Data;
            await dashboard.OpenAsync(fragment);
            await Expect(dashboard.Page.Locator(".loading")).ToHaveCountAsync(0);
            await Expect(dashboard.Page.Locator("table, .list, .groups, article").First).ToBeAttachedAsync();
            await dashboard.PictureAsync($"{name}-{width}-{scheme.ToString().ToLowerInvariant()}", whole: width < 500);
            Assert.Equal(0, await dashboard.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        }
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task Files_are_kept_and_the_page_itself_is_not()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, signIn: false, orders: 0);
        using var client = dashboard.Weft.Client("admin");
        using var page = await client.GetAsync("/");
        Assert.Equal(Policy, page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        string html = await page.Content.ReadAsStringAsync();
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
        var files = Asset().Matches(html).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(3, files.Count);
        foreach (string file in files)
        {
            using var answer = await client.GetAsync($"/{file}");
            Assert.True(answer.IsSuccessStatusCode, file);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }
        using var missing = await client.GetAsync("/assets/none.js");
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, missing.StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/");
        rebound.Headers.Host = "evil.example.com";
        Assert.Equal(System.Net.HttpStatusCode.MisdirectedRequest, (await client.SendAsync(rebound)).StatusCode);
    }

    // A line of the tree that names the kind of a control and nothing else.
    [GeneratedRegex(@"(?m)^\s*- (?:button|link|textbox|checkbox|combobox|radio)(?: \[[^\]]*\])*:?\s*$")]
    private static partial Regex Nameless();

    [GeneratedRegex("(?:src|href)=\"\\./(assets/[^\"]+)\"")]
    private static partial Regex Asset();
}
