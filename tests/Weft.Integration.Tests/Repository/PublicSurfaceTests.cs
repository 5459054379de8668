using System.Reflection;

namespace Weft.Integration.Tests.Repository;

public sealed class PublicSurfaceTests
{
    /// <summary>Every package; nobody's code can name what is in the command or in the generator.</summary>
    public static TheoryData<string> Packages =>
        [.. Directory.GetDirectories(Path.Combine(Tree.Root, "src")).Select(f => Path.GetFileName(f)!).Where(IsPackage).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_the_listed_one(string package)
    {
        var file = Path.Combine(Tree.Root, "src", package, "PublicApi.txt");
        string[] now = [.. PublicSurface.Of(Assembly.Load(package))];
        if (Environment.GetEnvironmentVariable("WEFT_UPDATE") == "1")
            File.WriteAllText(file, string.Concat(now.Select(line => line + "\n")));

        string[] listed = File.Exists(file) ? File.ReadAllLines(file) : [];
        var drift = Difference(listed, now);
        Assert.True(
            drift.Length == 0,
            $"The public surface of {package} is not what src/{package}/PublicApi.txt lists. If it should be, run WEFT_UPDATE=1 ./test Weft.Integration and commit the file.\n{drift}");
    }

    [Fact]
    public void A_line_says_all_that_a_user_can_rely_on() => Assert.Equal(
        [
            "Weft.Integration.Tests.Repository: sealed record class SurfaceExample<T> : IDisposable where T : class",
            "  Dictionary<string, T?>? Map { get; init; }",
            "  const int Limit = 3",
            "  int Number { get; init; }",
            "  new(int Number)",
            "  required string Name { get; init; }",
            "  static bool TryRead<TOther>(ReadOnlySpan<byte> bytes, out TOther? value, params string[] names) where TOther : struct",
            "  void Dispose()",
        ],
        PublicSurface.Of([typeof(SurfaceExample<>)]));

    [Fact]
    public void A_drift_is_shown_by_the_lines_that_differ_below_their_type() => Assert.Equal(
        "  A: class B\n-   int C { get; }\n+   long C { get; }\n",
        Difference(["A: class B", "  int C { get; }", "  int D()"], ["A: class B", "  int D()", "  long C { get; }"]));

    private static bool IsPackage(string folder) =>
        folder is not ("Weft.Server" or "Weft.Generators") && File.Exists(Path.Combine(Tree.Root, "src", folder, folder + ".csproj"));

    private static string Difference(string[] listed, string[] now)
    {
        var before = Members(listed).ToHashSet();
        var after = Members(now).ToHashSet();
        return string.Concat(
            from change in before.Except(after).Select(m => (m.Type, m.Line, Sign: '-')).Concat(after.Except(before).Select(m => (m.Type, m.Line, Sign: '+')))
            group change by change.Type into type
            orderby type.Key
            select $"  {type.Key}\n" + string.Concat(type.Where(c => c.Line.Length > 0 || type.Count() == 1).Select(c => $"{c.Sign} {c.Line}\n")));
    }

    /// <summary>Each line with the type it is below; the line of the type itself stands alone.</summary>
    private static IEnumerable<(string Type, string Line)> Members(string[] lines)
    {
        var type = "";
        foreach (var line in lines)
        {
            if (line.StartsWith(' '))
            {
                yield return (type, line);
                continue;
            }
            type = line;
            yield return (type, "");
        }
    }
}

/// <summary>What the printer must show.</summary>
public sealed record SurfaceExample<T>(int Number) : IDisposable
    where T : class
{
    public const int Limit = 3;

    public required string Name { get; init; }

    public Dictionary<string, T?>? Map { get; init; }

    internal int Hidden { get; set; }

    public static bool TryRead<TOther>(ReadOnlySpan<byte> bytes, out TOther? value, params string[] names)
        where TOther : struct
    {
        value = null;
        return !bytes.IsEmpty && names.Length > 0;
    }

    public void Dispose() => GC.SuppressFinalize(this);
}
