using Microsoft.Playwright;
using Weft.Dashboard.Tests.Rig;
using static Microsoft.Playwright.Assertions;

namespace Weft.Dashboard.Tests;

public sealed class TraceTests(Browser browser)
{
    [Fact]
    public async Task A_message_is_found_and_its_trace_drawn()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/messages?topic=orders");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(7);
        await Expect(page.Locator(".list > li").First).ToContainTextAsync("A-6");
        await page.GetByLabel("Condition (CEL)").FillAsync("event.id == 'A-0'");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".list a.row").ClickAsync();

        var trace = page.GetByRole(AriaRole.List, new() { Name = "Trace" });
        await Expect(trace.Locator("li.request").First).ToContainTextAsync("4bf92f3577b34da6a3ce929d0e0e4700");
        await Expect(trace.Locator("li.delivery.acknowledged")).ToContainTextAsync("invoice");
        await Expect(trace.Locator("li.delivery.skipped")).ToContainTextAsync("large");
        await Expect(trace.GetByRole(AriaRole.Link, new() { Name = "payment.asked P-1" })).ToBeVisibleAsync();
        await dashboard.PictureAsync("trace");

        await trace.GetByRole(AriaRole.Link, new() { Name = "payment.asked P-1" }).ClickAsync();
        await Expect(trace.GetByRole(AriaRole.Link, new() { Name = "order.placed A-0" })).ToBeVisibleAsync();
        await Expect(trace.Locator("li.delivery.acknowledged")).ToContainTextAsync("ledger");
        await dashboard.PictureAsync("trace-of-caused");
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task A_dead_letter_leads_to_its_trace_and_back()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead/invoice/2");
        await page.GetByRole(AriaRole.Link, new() { Name = "Trace of the message" }).ClickAsync();
        await Expect(page.Locator("li.delivery.dead")).ToHaveCountAsync(2);
        await dashboard.PictureAsync("trace-of-dead");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the dead letter" }).First.ClickAsync();
        await Expect(page.GetByText("Back to the list").Or(page.GetByText("Failed tries")).First).ToBeAttachedAsync();
        Assert.Contains("#/dead/invoice/2", page.Url, StringComparison.Ordinal);
        dashboard.AssertNoErrors();
    }
}
