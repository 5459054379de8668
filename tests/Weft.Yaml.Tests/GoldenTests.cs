namespace Weft.Yaml.Tests;

/// <summary>Every file in <c>Bad</c> gives exactly the text beside it. <c>WEFT_UPDATE=1</c> accepts what is given now.</summary>
public sealed class GoldenTests
{
    private static readonly string s_folder = Path.Combine("tests", "Weft.Yaml.Tests", "Bad");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Path.Combine(Repo.Root, s_folder), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bad_file_gives_the_expected_text(string name)
    {
        var folder = Path.Combine(Repo.Root, s_folder);
        var result = WeftFile.Read([Path.Combine(folder, name + ".yaml")], new() { Variables = v => v switch { "NAME" => "a b", "DRAIN" => "99h", _ => null }, Handlers = ["audit"] });
        using var writer = new StringWriter();
        ProblemWriter.Write(writer, result);
        var text = writer.ToString().Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

        Assert.Null(result.Options);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Repo.AssertFile(Path.Combine(s_folder, name + ".txt"), text);
    }
}
