using System.Text;
using CsCheck;

namespace Weft.Yaml.Tests;

/// <summary>No file crashes the reader or makes it say nothing, whatever is in it.</summary>
public sealed class RandomTests
{
    private static readonly string[] s_pieces =
    [
        "weft: 1\n", "services:", "routes:", "a:", " ", "  ", "\n", "\n  ", "- ", "? ", ": ", "[", "]", "{", "}", ",", "&a ", "*a", "<<: ", "!t ", "!!str ", "|", ">", "|-\n  x", "'", "\"", "\\", "#", " # x", "---\n", "...\n",
        "%YAML 1.2\n", "\t", "${", "${A}", "${A:-", "}", "$${", "config://a", "secret://a", "x", "1", "é", "\u0085", "\u2028", "\uFEFF", "\0", "\r", "~", "null", "include: [", "*.yaml", "include: [weft.yaml]\n", "@", "`", "^", "=",
    ];

    private static readonly Gen<string> s_piece = Gen.Int[0, s_pieces.Length - 1].Select(i => s_pieces[i]);

    private static readonly Gen<string> s_yaml = s_piece.List[0, 60].Select(pieces => string.Concat(pieces));

    [Fact]
    public void Texts_made_of_pieces_of_YAML() => s_yaml.Sample(text => Check(Encoding.UTF8.GetBytes(text)), iter: 5_000, print: t => Convert.ToBase64String(Encoding.UTF8.GetBytes(t)));

    [Fact]
    public void Bytes() => Gen.Byte.Array[0, 200].Sample(Check, iter: 1_000);

    /// <summary>A good file with a stretch cut out or repeated.</summary>
    [Fact]
    public void Damaged_files()
    {
        var good = File.ReadAllText(Path.Combine(Repo.Root, "tests", "Weft.Yaml.Tests", "Good", "shop.yaml"));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 40], s_piece).Sample((at, length, piece) =>
            Check(Encoding.UTF8.GetBytes(good[..at] + piece + good[Math.Min(good.Length, at + length)..])), iter: 1_000);
    }

    private static void Check(byte[] bytes)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["weft.yaml"], bytes);
        var result = WeftFile.Read([folder["weft.yaml"]], new() { Variables = _ => null });
        foreach (var format in Enum.GetValues<ProblemFormat>())
            ProblemWriter.Write(TextWriter.Null, result, format);
        var isGood = result.Options is not null;
        if (isGood == result.Problems.Any(p => p.Severity == Options.ProblemSeverity.Error))
            throw new InvalidOperationException("There must be options, or an error that says why not.");
        if (result.Problems.Any(p => p.Place is null || p.Place.Line < 1 || p.Place.Column < 1 || p.Message.Any(char.IsControl)))
            throw new InvalidOperationException("Every problem has a place and a text of one line.");
    }
}
