using Weft.Dashboard.Tests.Rig;
using static Microsoft.Playwright.Assertions;

namespace Weft.Dashboard.Tests;

public sealed class SignInTests(Browser browser)
{
    [Fact]
    public async Task A_wrong_token_is_refused_and_the_right_one_is_kept_for_the_tab()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, signIn: false, orders: 0);
        dashboard.Expected = "401";
        var page = dashboard.Page;
        await dashboard.OpenAsync("");
        await dashboard.PictureAsync("sign-in");
        await page.GetByLabel("Admin token").FillAsync("no such token");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("not known");
        await dashboard.PictureAsync("sign-in-wrong");

        await page.GetByLabel("Admin token").FillAsync($"  {dashboard.Token}\n");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        Assert.DoesNotContain(dashboard.Token, page.Url, StringComparison.Ordinal);

        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("Admin token")).ToBeFocusedAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("sessionStorage.length + localStorage.length"));
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task An_address_with_the_token_signs_in_and_forgets_it()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, signIn: false, orders: 0);
        await dashboard.OpenAsync($"#token={dashboard.Token}");
        await Expect(dashboard.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        Assert.EndsWith("/#/", dashboard.Page.Url, StringComparison.Ordinal);
        await dashboard.OpenAsync("#/dead");
        await Expect(dashboard.Page.GetByText("No dead letters")).ToBeVisibleAsync();
        await dashboard.PictureAsync("empty");
        dashboard.AssertNoErrors();
    }

    [Fact]
    public async Task A_token_that_is_not_known_any_more_signs_out()
    {
        await using var dashboard = await Rig.Dashboard.StartAsync(browser, signIn: false, orders: 0);
        dashboard.Expected = "401";
        await dashboard.OpenAsync("#token=gone");
        await Expect(dashboard.Page.GetByText("You were signed out.")).ToBeVisibleAsync();
        await dashboard.PictureAsync("signed-out");
        dashboard.AssertNoErrors();
    }
}
