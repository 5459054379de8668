using System.Collections.Frozen;
using System.Reflection;

namespace Weft.AspNetCore.Dashboard;

/// <summary>The files of the dashboard that the build has put into this assembly, by their path on the admin address.</summary>
internal sealed class DashboardFiles
{
    private const string Prefix = "dashboard/";

    // What stands in for the page where it was built without Node. It has no script and no style, as the policy wants it.
    private static ReadOnlySpan<byte> Missing =>
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Weft</title></head>
        <body>
        <h1>This Weft was built without its dashboard</h1>
        <p>To get it, install Node 20.19 or later with npm and build Weft again, without <code>-p:WeftDashboard=false</code>. Packages of Weft that are released have it.</p>
        <p>Everything the page does can be done without it: see <code>weft dead --help</code> and <code>weft messages --help</code>, or the admin API below <code>/api</code>.</p>
        </body>
        </html>

        """u8;

    private static readonly Lazy<DashboardFiles> s_built = new(() => new(ReadResources(typeof(DashboardFiles).Assembly)));

    private readonly FrozenDictionary<string, DashboardFile> _byPath;

    /// <param name="files">The files by their path, such as <c>index.html</c>; without one of that name, a plain page stands in for the dashboard.</param>
    public DashboardFiles(IReadOnlyDictionary<string, byte[]> files)
    {
        IsBuilt = files.ContainsKey("index.html");
        _byPath = !IsBuilt
            ? new Dictionary<string, DashboardFile> { ["/"] = new("text/html; charset=utf-8", Missing.ToArray(), IsHashed: false) }.ToFrozenDictionary()
            : files.ToFrozenDictionary(f => f.Key == "index.html" ? "/" : "/" + f.Key, f => new DashboardFile(TypeOf(f.Key), f.Value, f.Key != "index.html"), StringComparer.Ordinal);
    }

    /// <summary>Those of this assembly.</summary>
    public static DashboardFiles Built => s_built.Value;

    /// <summary>Whether there is a dashboard, and not only the page that says how to get it.</summary>
    public bool IsBuilt { get; }

    /// <summary>The file at a path; null for none.</summary>
    public DashboardFile? Find(string? path) => path is null ? null : _byPath.GetValueOrDefault(path);

    private static Dictionary<string, byte[]> ReadResources(Assembly assembly)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[name[Prefix.Length..].Replace('\\', '/')] = bytes;
        }
        return files;
    }

    private static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
