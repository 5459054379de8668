using Weft.Tests.Repository;

namespace Weft.Tests.Behaviours;

/// <summary>
/// The results of behaviours as a table in a page of the documentation, between <c>&lt;!-- behaviours: NAME --&gt;</c> and <c>&lt;!-- end --&gt;</c>.
/// The test fails when the page says something else than the runs; <c>WEFT_UPDATE=1</c> writes the page.
/// </summary>
internal static class BehaviourTable
{
    /// <summary>Runs all, each on rigs of its own, and asserts that ours does everything, that the peer does what is written, and that the page says so.</summary>
    /// <param name="page">The path of the page.</param>
    /// <param name="name">The name of the table in it.</param>
    /// <param name="peer">The peer with its version, for the head of the table.</param>
    /// <param name="behaviours">What is run.</param>
    /// <param name="ours">Makes a rig with our policy.</param>
    /// <param name="theirs">Makes a rig with the peer's.</param>
    public static async Task AssertAsync<TRig>(
        string page, string name, string peer, IReadOnlyList<Behaviour<TRig>> behaviours, Func<TRig> ours, Func<TRig> theirs)
    {
        var rows = new List<string> { $"| Behaviour | Weft | {peer} |", "| --- | --- | --- |" };
        var wrong = new List<string>();
        foreach (var behaviour in behaviours)
        {
            var (our, their) = (await behaviour.ResultAsync(ours()), await behaviour.ResultAsync(theirs()));
            if (our != Behaviour<TRig>.Yes)
                wrong.Add($"{behaviour}: Weft: {our}");
            if (their != behaviour.Peer)
                wrong.Add($"{behaviour}: {peer}: {their}; written is: {behaviour.Peer}");
            rows.Add($"| {behaviour} | {our} | {their} |");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        AssertOnPage(page, name, string.Concat(rows.Select(row => row + "\n")));
    }

    private static void AssertOnPage(string page, string name, string table)
    {
        var (text, mark) = (Repo.Read(page), $"<!-- behaviours: {name} -->\n");
        var begin = text.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        Assert.True(begin >= mark.Length, $"{page} has no mark {mark}");
        var end = text.IndexOf("<!-- end -->", begin, StringComparison.Ordinal);
        Assert.True(end >= 0, $"{page} has no end mark after {mark}");
        if (text[begin..end] == $"\n{table}\n")
            return;
        if (Environment.GetEnvironmentVariable("WEFT_UPDATE") == "1")
            File.WriteAllText(Repo.FullPath(page), $"{text[..begin]}\n{table}\n{text[end..]}");
        else
            Assert.Fail($"{page} does not say what the runs give. Run the tests with WEFT_UPDATE=1 to write it again.");
    }
}
