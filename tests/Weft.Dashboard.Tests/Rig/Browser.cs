using System.Diagnostics.CodeAnalysis;
using Microsoft.Playwright;
using Weft.Dashboard.Tests.Rig;

[assembly: AssemblyFixture(typeof(Browser))]

// Each test has a browser window and a server: several at once would only wait for each other.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace Weft.Dashboard.Tests.Rig;

/// <summary>One Chromium for all tests: the one that is installed, not one that Playwright would fetch.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "xunit makes it.")]
public sealed class Browser : IAsyncLifetime
{
    // Debian's name, then those of others.
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        string program = Environment.GetEnvironmentVariable("WEFT_TEST_CHROMIUM") ?? Programs.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no Chromium. ./test installs it; WEFT_TEST_CHROMIUM can name another one.");
        // A busy machine is late; what is to come comes all the same.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        // The sandbox does not work for root; the only pages that are opened are ours.
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-lcd-text"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A window of its own, with a storage of its own.</summary>
    public Task<IBrowserContext> OpenAsync(int width, int height, ColorScheme scheme) => _browser!.NewContextAsync(new()
    {
        ViewportSize = new() { Width = width, Height = height },
        ColorScheme = scheme,
        Locale = "en-GB",
        TimezoneId = "UTC",
        ReducedMotion = ReducedMotion.Reduce,
    });
}
