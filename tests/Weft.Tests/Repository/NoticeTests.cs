using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Weft.Tests.Repository;

public sealed partial class NoticeTests
{
    [Fact]
    public void The_notices_list_every_package_that_is_shipped_or_used()
    {
        var wanted = Central().Concat(Shipped()).Concat(OfDashboard()).ToHashSet();
        var listed = Row().Matches(Repo.Read("THIRD-PARTY-NOTICES.md")).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}").ToHashSet();
        Repo.Nothing("Add a row to THIRD-PARTY-NOTICES.md: | package | version | licence | copyright |, as its nuspec says.", wanted.Except(listed).Order());
        Repo.Nothing("Remove the row from THIRD-PARTY-NOTICES.md.", listed.Except(wanted).Order());
    }

    private static IEnumerable<string> Central() =>
        XDocument.Parse(Repo.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => $"{(string)p.Attribute("Include")!} {(string)p.Attribute("Version")!}");

    /// <summary>What the projects below src bring with them, directly or not, by their lock files.</summary>
    private static IEnumerable<string> Shipped() =>
        from file in Repo.Files
        where file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith("/packages.lock.json", StringComparison.Ordinal)
        from framework in JsonDocument.Parse(Repo.Read(file)).RootElement.GetProperty("dependencies").EnumerateObject()
        from package in framework.Value.EnumerateObject()
        where package.Value.TryGetProperty("resolved", out _)
        select $"{package.Name} {package.Value.GetProperty("resolved").GetString()}";

    private static IEnumerable<string> OfDashboard() =>
        from kind in JsonDocument.Parse(Repo.Read("dashboard/package.json")).RootElement.EnumerateObject()
        where kind.Name is "dependencies" or "devDependencies"
        from package in kind.Value.EnumerateObject()
        select $"{package.Name} {package.Value.GetString()}";

    [GeneratedRegex(@"(?m)^\| ([\w.]+) \| (\d\S*) \| [^|?]+ \| [^|?]+ \|$")]
    private static partial Regex Row();
}
