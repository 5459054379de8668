namespace Weft.Tests.Repository;

public sealed class FolderLevelTests
{
    private static readonly Func<string, IReadOnlySet<string>> NoTypes = _ => new HashSet<string>();

    [Fact]
    public void A_folder_of_the_core_uses_lower_levels_only()
    {
        var types = Repo.CSharp("src/Weft").GroupBy(Folder).ToDictionary(
            files => files.Key, IReadOnlySet<string> (files) => files.SelectMany(f => FolderLevels.DeclaredTypes(Repo.Read(f))).ToHashSet());
        var violations =
            from file in Repo.CSharp("src/Weft")
            let folder = Folder(file)
            where FolderLevels.Of(folder) >= 0
            from violation in FolderLevels.Violations(folder, Repo.Read(file), other => types.GetValueOrDefault(other) ?? NoTypes(other))
            select $"{file}: {violation}";
        Repo.Nothing("Move the type that is needed down, or change the table with a decision page.", violations);
    }

    [Fact]
    public void Every_folder_of_the_core_has_a_level() => Repo.Nothing(
        "Give the folder a level in FolderLevels.Table and in docs/architecture.md, with a decision page.",
        Repo.CSharp("src/Weft").Select(Folder).Where(f => f.Length > 0 && FolderLevels.Of(f) < 0).Distinct());

    [Theory]
    [InlineData("using Weft.EventBus;")]
    [InlineData("using static Weft.EventBus.Topic;")]
    [InlineData("using Bus = global::Weft.EventBus.Topic;")]
    [InlineData("class A { Weft.EventBus.Topic x; }")]
    [InlineData("class A { EventBus.Topic x; }")]
    [InlineData("using Weft.Calls;")]
    [InlineData("using Weft.ServiceRegistry;")]
    public void Sees_the_use_of_a_level_that_is_not_lower(string source) =>
        Assert.NotEmpty(FolderLevels.Violations("Flows", source, _ => new HashSet<string> { "Topic" }));

    [Theory]
    [InlineData("using Weft.Messages; using Weft.Flows; using Weft.Retry;")]
    [InlineData("// using Weft.EventBus;\n/* Weft.EventBus */ class A { string s = \"Weft.EventBus\" + @\"\"\"Weft.EventBus\" + \"\"\" Weft.EventBus \"\"\"; }")]
    [InlineData("class A { int EventBus; int B() => EventBus.Length + My.Weft.EventBus.Topic; }")]
    [InlineData("using Weft.EventBusses;")]
    public void Takes_what_is_not_a_use(string source) =>
        Assert.Empty(FolderLevels.Violations("Flows", source, _ => new HashSet<string> { "Topic" }));

    /// <summary>The folder below src/Weft, or nothing for a file at its top: that part puts all folders together.</summary>
    private static string Folder(string file) => file.Split('/') is [_, _, var folder, _, ..] ? folder : "";
}
