using System.Text;
using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.Dashboard;

namespace Weft.AspNetCore.Tests.Dashboard;

public sealed class DashboardTests
{
    [Fact]
    public async Task Built_without_it_a_plain_page_says_how_to_get_it()
    {
        var files = new DashboardFiles(new Dictionary<string, byte[]>());
        Assert.False(files.IsBuilt);
        var (isAnswered, answer, body) = await AskAsync(files, "GET", "/");
        Assert.True(isAnswered);
        Assert.Equal("text/html; charset=utf-8", answer.ContentType);
        Assert.Contains("built without its dashboard", body, StringComparison.Ordinal);
        Assert.Contains("Node 20.19", body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", body, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", answer.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/", true, "no-store")]
    [InlineData("HEAD", "/", true, "no-store")]
    [InlineData("GET", "/assets/a-1.js", true, "public, max-age=31536000, immutable")]
    [InlineData("POST", "/", false, "")]
    [InlineData("GET", "/index.html", false, "")]
    [InlineData("GET", "/assets/../index.html", false, "")]
    [InlineData("GET", "/api/dead", false, "")]
    public async Task Answers_for_its_own_files_only(string method, string path, bool isOurs, string caching)
    {
        var files = new DashboardFiles(new Dictionary<string, byte[]> { ["index.html"] = "page"u8.ToArray(), ["assets/a-1.js"] = "code"u8.ToArray() });
        var (isAnswered, answer, body) = await AskAsync(files, method, path);
        Assert.Equal(isOurs, isAnswered);
        Assert.Equal(caching, answer.Headers.CacheControl.ToString());
        Assert.Equal(isOurs && method == "GET" ? 4 : 0, body.Length);
        Assert.Equal(isOurs ? 4 : null, answer.ContentLength);
    }

    private static async Task<(bool IsAnswered, HttpResponse Answer, string Body)> AskAsync(DashboardFiles files, string method, string path)
    {
        var body = new MemoryStream();
        var context = new DefaultHttpContext { Request = { Method = method, Path = path }, Response = { Body = body } };
        bool isAnswered = await DashboardPage.TryAnswerAsync(context, files);
        return (isAnswered, context.Response, Encoding.UTF8.GetString(body.ToArray()));
    }
}
