using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Weft.Integration.Tests.Samples;

/// <summary>Runs a sample in a copy of its folder and compares what it prints with its <c>expected.txt</c>.</summary>
internal static partial class SampleRun
{
    /// <summary>Runs one sample; what differs is an assertion failure that shows both.</summary>
    /// <param name="folder">The sample.</param>
    /// <param name="commands">The folder where <c>weft</c> is.</param>
    public static async Task AssertAsync(string folder, string commands)
    {
        var copy = Directory.CreateTempSubdirectory("weft-sample-").FullName;
        try
        {
            var ports = new Dictionary<string, string>();
            foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => !Built().IsMatch(f)))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(folder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await File.WriteAllTextAsync(target, Repoint(await File.ReadAllTextAsync(file), ports));
            }

            await using var shell = new Shell(copy, commands + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"));
            foreach (var step in Session.Parse(await File.ReadAllTextAsync(Path.Combine(copy, "expected.txt"))))
                await AssertAsync(step, shell);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task AssertAsync(Step step, Shell shell)
    {
        if (step.InBackground)
        {
            await shell.StartAsync(step.Command.TrimEnd('&', ' '), step.Expected);
            return;
        }

        var (exitCode, lines) = await shell.RunAsync(step.Command);
        Assert.True(
            exitCode == 0 && Session.Matches(step.Expected, lines),
            $"$ {step.Command}\nended with {exitCode} and printed\n{string.Join('\n', lines)}\nExpected was\n{string.Join('\n', step.Expected)}");
    }

    /// <summary>The text with each port of the samples replaced by a free one, the same one everywhere.</summary>
    private static string Repoint(string text, Dictionary<string, string> ports) =>
        Port().Replace(text, m => ports.TryGetValue(m.Value, out var port) ? port : ports[m.Value] = FreePort());

    /// <summary>A port that nothing listens on.</summary>
    public static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"[/\\](?:bin|obj)[/\\]")]
    private static partial Regex Built();

    [GeneratedRegex(@"(?<=:)(?:8080|8081|9090|180[89]\d)\b")]
    private static partial Regex Port();
}
