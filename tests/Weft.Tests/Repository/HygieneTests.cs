using System.Text.RegularExpressions;

namespace Weft.Tests.Repository;

public sealed partial class HygieneTests
{
    // Put together here, so that this file does not find itself.
    private static readonly string[] Forbidden =
    [
        "/wor" + "k/", "/roo" + "t/", "nuget" + ".org", "registry.npm" + "js", "\"resol" + "ved\": \"http", "proxy.golang" + ".org", "pypi" + ".org",
    ];

    private static readonly string[] Binary = [".png", ".ico", ".woff2", ".db", ".store", ".parquet", ".pfx", ".gz", ".zip"];

    [Fact]
    public void No_file_names_a_place_that_only_one_machine_knows() => Repo.Nothing(
        "Paths of one machine and addresses of package registries belong to whoever builds, not into the repository.",
        from file in Repo.Files
        where !Binary.Contains(Path.GetExtension(file))
        let text = Repo.Read(file)
        from word in Forbidden
        where text.Contains(word, StringComparison.OrdinalIgnoreCase)
        select $"{file}: {word}");

    [Fact]
    public void Text_ends_lines_the_same_way_everywhere() => Repo.Nothing(
        "Lines end with LF, the last one too.",
        from file in Repo.Files
        where !Binary.Contains(Path.GetExtension(file)) && !file.EndsWith("packages.lock.json", StringComparison.Ordinal)
        let text = Repo.Read(file)
        where text.Length > 0 && (text.Contains('\r', StringComparison.Ordinal) || text[^1] != '\n')
        select file);

    [Fact]
    public void Lock_files_hold_for_every_system() => Repo.Nothing(
        "A lock file with a section per runtime identifier differs between systems: remove RuntimeIdentifier(s) from the project.",
        from file in Repo.Files
        where file.EndsWith("packages.lock.json", StringComparison.Ordinal) && RuntimeSection().IsMatch(Repo.Read(file))
        select file);

    [Fact]
    public void Every_project_has_a_lock_file() => Repo.Nothing(
        "Run dotnet restore and commit packages.lock.json.",
        from file in Repo.Files
        where file.EndsWith(".csproj", StringComparison.Ordinal) && file.Split('/')[0] is "src" or "tests" or "bench"
        where !file.Contains("/Assets/", StringComparison.Ordinal)
        where !Repo.Has(file[..file.LastIndexOf('/')] + "/packages.lock.json")
        select file);

    [Fact]
    public void Npm_lock_files_name_no_host() => Repo.Nothing(
        "Set omit-lockfile-registry-resolved=true for npm, and take the 'funding' entries out of the lock file.",
        from file in Repo.Files
        where file.EndsWith("package-lock.json", StringComparison.Ordinal) && Repo.Read(file).Contains("://", StringComparison.Ordinal)
        select file);

    [GeneratedRegex("\"net10\\.0/\\w")]
    private static partial Regex RuntimeSection();
}
