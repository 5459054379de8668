using CsCheck;
using Weft.Options;
using Weft.Options.Schema;
using Weft.Yaml.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Weft.Yaml.Tests;

/// <summary>Where a character of a value stands in the file.</summary>
public sealed class ScalarPlaceTests
{
    [Theory]
    [InlineData("a: b == 'c'", "c", 1, 10)]
    [InlineData("a: \"b == 'c'\"", "c", 1, 11)]
    [InlineData("a: 'b == ''c'''", "c", 1, 12)]
    [InlineData("a: \"b == \\\"c\\\"\"", "c", 1, 12)]
    [InlineData("a: &x b == c", "c", 1, 12)]
    [InlineData("a: |\n  b ==\n    c", "c", 3, 5)]
    [InlineData("a: >-\n  b\n  == c", "c", 3, 6)]
    [InlineData("a: >-\n  b\n\n  == c", "c", 4, 6)]
    [InlineData("a: b\n   ==\n\n   c", "c", 4, 4)]
    [InlineData("a: \"b \\\n   == c\"", "c", 2, 7)]
    [InlineData("a: { x: 'b\n  == c' }", "c", 2, 6)]
    public void A_character_is_found(string yaml, string character, int line, int column)
    {
        var (scalar, sources) = Read(yaml);
        var place = ScalarPlace.Of(scalar.Place, scalar.Text, scalar.Text.IndexOf(character, StringComparison.Ordinal), 1, sources);
        Assert.Equal(new OptionsPlace("f", line, column, line, column + 1), place);
    }

    [Fact]
    public void A_stretch_over_lines_ends_where_it_ends()
    {
        var (scalar, sources) = Read("a: |\n  b ==\n    c + d\n");
        Assert.Equal(new OptionsPlace("f", 2, 5, 3, 6), ScalarPlace.Of(scalar.Place, scalar.Text, 2, 6, sources));
    }

    [Fact]
    public void The_end_of_a_value_is_behind_its_last_character()
    {
        var (scalar, sources) = Read("a: b ==");
        Assert.Equal(new OptionsPlace("f", 1, 8, 1, 9), ScalarPlace.Of(scalar.Place, scalar.Text, 4, 0, sources));
    }

    [Fact]
    public void What_a_variable_filled_in_has_the_place_of_the_scalar()
    {
        var (scalar, sources) = Read("a: b == ${X}c");
        Assert.Equal(scalar.Place, ScalarPlace.Of(scalar.Place, scalar.Text, scalar.Text.Length - 1, 1, sources));
    }

    /// <summary>Whatever the style in which a value is written, each of its characters is found.</summary>
    [Fact]
    public void Every_character_of_any_value_is_found() => Gen.Select(
            Gen.String[Gen.Char["ab'\"\\: #\n {}[]+é"], 1, 60],
            Gen.Int[1, 5].Select(i => (ScalarStyle)i))
        .Sample((text, style) =>
        {
            var (scalar, sources) = Read(Emit("a" + text, style));
            for (var i = 0; i < scalar.Text.Length; i++)
            {
                if (char.IsWhiteSpace(scalar.Text[i]))
                    continue;
                var place = ScalarPlace.Of(scalar.Place, scalar.Text, i, 1, sources);
                var found = sources.Line("f", place.Line)![place.Column - 1];
                Assert.True(found == scalar.Text[i] || (found == '\\' && place != scalar.Place), $"{i} of '{scalar.Text}' as {style}: {found} at {place}");
            }
        }, iter: 2000, threads: 1);

    private static string Emit(string text, ScalarStyle style)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(writer, new EmitterSettings(2, 30, false, 1024));
        foreach (var at in (ParsingEvent[])[new StreamStart(), new DocumentStart(), new MappingStart(), new Scalar("a"),
            new Scalar(AnchorName.Empty, TagName.Empty, text, style, true, true), new MappingEnd(), new DocumentEnd(true), new StreamEnd()])
            emitter.Emit(at);
        return writer.ToString();
    }

    private static (Node Scalar, SourceFiles Sources) Read(string yaml)
    {
        var problems = new List<OptionsProblem>();
        var settings = new ReadSettings { Variables = _ => "12345" };
        var sources = new SourceFiles();
        sources.AddText("f", yaml);
        var node = YamlTree.Read("f", yaml, settings, new Variables(settings, problems), problems)!;
        Assert.Empty(problems);
        while (node.Kind == NodeKind.Map)
            node = node.Entries[0].Value;
        return (node, sources);
    }
}
