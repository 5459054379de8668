using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Weft.Dashboard.Tests.Rig;
using static Microsoft.Playwright.Assertions;

namespace Weft.Dashboard.Tests;

public sealed partial class DeadLetterTests(Browser browser)
{
    [Fact]
    public async Task Subscriptions_show_what_is_dead_and_lead_there()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = InvoiceRow() })).ToContainTextAsync("6");
        await dashboard.PictureAsync("subscriptions");
        await page.GetByRole(AriaRole.Link, new() { Name = "6 dead letters of invoice" }).ClickAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(6);
        Assert.Contains("subscription=invoice", page.Url, StringComparison.Ordinal);
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task A_condition_finds_them_and_a_wrong_one_shows_its_place()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        dashboard.Expected = "400";
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead?subscription=invoice");
        var box = page.GetByLabel("Condition (CEL)");
        // Only then does the page listen to keys.
        await Expect(page.Locator(".list > li")).Not.ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("/");
        await Expect(box).ToBeFocusedAsync();
        await box.FillAsync("event.data.total > 3000 && dead.reason == 'status-400'");
        await box.PressAsync("Enter");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(2);
        await Expect(page.GetByText("A-6")).ToBeVisibleAsync();

        await box.FillAsync("dead.reason == 'x' &&& true");
        await box.PressAsync("Enter");
        await Expect(page.Locator(".where-error")).ToContainTextAsync("^");
        await dashboard.PictureAsync("condition-wrong");

        await box.FillAsync("event.data.customer == 'c-3'");
        await box.PressAsync("Enter");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(1);
        await Expect(page.GetByText("The condition had no value for 4")).ToBeVisibleAsync();
        await box.FillAsync("event.id == 'none'");
        await box.PressAsync("Enter");
        await Expect(page.GetByText("Nothing matches")).ToBeVisibleAsync();
        await dashboard.PictureAsync("nothing-matches");
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task Causes_are_counted_and_lead_to_theirs()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, orders: 12);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead?by=cause");
        await Expect(page.Locator(".groups > li")).ToHaveCountAsync(4);
        await dashboard.PictureAsync("causes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show status-422 in large" }).ClickAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(8);
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard status-400 in invoice" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard 4 dead letters" }).ClickAsync();
        await Expect(page.GetByText("4 dead letters were discarded.")).ToBeVisibleAsync();
        await Expect(page.Locator(".groups > li")).ToHaveCountAsync(3);
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task One_is_mended_and_replayed()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead?subscription=invoice");
        await page.Locator(".list a.row").First.ClickAsync();
        await Expect(page.GetByLabel("Data", new() { Exact = true })).ToContainTextAsync("90071992547409931");
        await dashboard.PictureAsync("detail");
        await page.GetByRole(AriaRole.Button, new() { Name = "Raw" }).ClickAsync();
        await Expect(page.GetByLabel("Data", new() { Exact = true })).ToContainTextAsync("\"lines\":[{\"sku\"");

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        var data = page.GetByLabel("Data", new() { Exact = true });
        await data.FillAsync("{ not json");
        await Expect(page.GetByText("This is not JSON yet")).ToBeVisibleAsync();
        await data.FillAsync("""{"order":"A-1","customer":"c-9","total":17,"lines":[{"sku":"K-1","count":2}]}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Format" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add an attribute" }).ClickAsync();
        await page.GetByLabel("Name of the new attribute").FillAsync("mendedby");
        await page.GetByLabel("Value of mendedby").FillAsync("support");
        await dashboard.PictureAsync("edit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByLabel("As it is now")).ToContainTextAsync("mendedby: support");
        await Expect(page.GetByLabel("Original")).ToContainTextAsync("90071992547409931");
        await dashboard.PictureAsync("edited", whole: true);

        int accepted = dashboard.Subscriber.Accepted;
        await page.Locator(".actions").GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay 1 dead letter" }).ClickAsync();
        await Expect(page.GetByText("1 dead letter was replayed.")).ToBeVisibleAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(5);
        await dashboard.UntilDeadAsync(11);
        Assert.Equal(accepted + 1, dashboard.Subscriber.Accepted);
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task Ticked_ones_are_discarded_after_a_dry_run_that_counts_them()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(12);
        await page.GetByLabel("Tick invoice 2").CheckAsync();
        await page.GetByLabel("Tick invoice 3").CheckAsync();
        await page.GetByLabel("Tick large 2").CheckAsync();
        await dashboard.PictureAsync("ticked");
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard 3 ticked" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("3 dead letters");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await dashboard.PictureAsync("discard");
        Assert.Equal(12, await dashboard.CountDeadAsync());
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal(12, await dashboard.CountDeadAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Discard 3 ticked" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Discard 3 dead letters" }).ClickAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(9);
        Assert.Equal(9, await dashboard.CountDeadAsync());
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task All_that_match_are_replayed_to_the_topic()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead?subscription=invoice&where=dead.reason%20%3D%3D%20%22status-400%22");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay all that match" }).ClickAsync();
        await page.GetByLabel("The topic, so all its subscriptions").CheckAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("to invoice, large");
        await page.GetByText("The same as a command").ClickAsync();
        await Expect(page.GetByLabel("Commands")).ToContainTextAsync("weft dead replay -s invoice --where 'dead.reason == \"status-400\"' --to topic");
        await dashboard.PictureAsync("replay");
        await page.GetByRole(AriaRole.Button, new() { Name = "Replay 2 dead letters" }).ClickAsync();
        await Expect(page.GetByText("2 dead letters were replayed.")).ToBeVisibleAsync();
        // They die again in both subscriptions, now as new messages: the two of invoice went, and four came.
        await dashboard.UntilDeadAsync(14);
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task The_list_follows_the_process()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser);
        var page = dashboard.Page;
        await dashboard.OpenAsync("#/dead?subscription=large");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(6);
        await dashboard.PublishAsync("A-7", """{"order":"A-7","total":101}""");
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(7);

        await page.GetByLabel("Tick large 2").CheckAsync();
        await dashboard.PublishAsync("A-8", """{"order":"A-8","total":101}""");
        await Expect(page.GetByText("There are other dead letters by now.")).ToBeVisibleAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(7);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show them" }).ClickAsync();
        await Expect(page.Locator(".list > li")).ToHaveCountAsync(8);
        dashboard.AssertNoErrors();
    }

    [GeneratedRegex("^invoice")]
    private static partial Regex InvoiceRow();
}
