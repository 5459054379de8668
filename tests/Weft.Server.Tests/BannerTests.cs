using Weft.AspNetCore.Endpoints;
using Weft.Server.Commands;

namespace Weft.Server.Tests;

public sealed class BannerTests
{
    [Fact]
    public void Only_a_terminal_is_given_the_token()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("weft-banner-").FullName, "weft", "admin.token");
        string token = AdminTokenFile.ReadOrCreate(file);
        Assert.Equal($"Dashboard at http://127.0.0.1:9090/#token={token}", Written("http://127.0.0.1:9090", file, isTerminal: true));
        Assert.Equal("Dashboard at http://127.0.0.1:9090/", Written("http://127.0.0.1:9090", file, isTerminal: false));
        Assert.Equal("Dashboard at http://127.0.0.1:9090/", Written("http://127.0.0.1:9090", null, isTerminal: true));
        Assert.Empty(Written(null, null, isTerminal: true));
    }

    private static string Written(string? admin, string? tokenFile, bool isTerminal)
    {
        var output = new StringWriter();
        Banner.WriteDashboard(new Terminal(output, TextWriter.Null, isTerminal), admin, tokenFile);
        return output.ToString().Trim();
    }
}
