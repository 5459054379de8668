using Weft.Expressions;
using Weft.Expressions.Library;
using Weft.Expressions.Syntax;
using static Weft.Tests.Expressions.Values.TestValues;

namespace Weft.Tests.Expressions.Library;

public sealed class TextTests
{
    private readonly LibraryRun _library = new(StandardLibrary.Register);

    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("é", 1)]
    [InlineData("😀é!", 3)]
    public void The_size_of_a_text_counts_code_points(string text, long size) => _library.Gives(CelValue.Of(size), "size", Text(text));

    [Fact]
    public void The_size_of_anything_else_counts_its_parts()
    {
        _library.Gives(CelValue.Of(4L), "size", CelValue.Bytes([1, 2, 3, 4]));
        _library.Gives(CelValue.Of(2L), "size", List(CelValue.Null, CelValue.Null));
        _library.Gives(CelValue.Of(3L), "size", Slice("[1,[2,3],4]"));
        _library.Gives(CelValue.Of(0L), "size", Slice("[ ]"));
        _library.Gives(CelValue.Of(2L), "size", Slice("""{"a":{"c":1},"b":[]}"""));
        _library.Gives(CelValue.Of(1L), "size", Map((CelValue.True, CelValue.Null)));
        _library.Fails(CelErrorKind.NoSuchOverload, "size", CelValue.Of(1L));
    }

    [Theory]
    [InlineData("contains", "abc", "", true)]
    [InlineData("contains", "abc", "bc", true)]
    [InlineData("contains", "abc", "ac", false)]
    [InlineData("startsWith", "😀a", "😀", true)]
    [InlineData("startsWith", "a", "ab", false)]
    [InlineData("endsWith", "aé", "é", true)]
    [InlineData("endsWith", "abc", "B", false)]
    public void Parts_of_texts_are_found(string function, string text, string part, bool found) =>
        _library.Gives(CelValue.Of(found), function, Text(text), Text(part));

    [Fact]
    public void An_evil_search_ends_at_the_limit_of_steps()
    {
        var text = CelValue.String(new byte[4_000_000]);
        _library.Fails(CelErrorKind.Limit, "contains", text, CelValue.String(new byte[2_000_000]));
    }

    [Fact]
    public void Plus_joins()
    {
        _library.Gives(Text("ab"), Operators.Add, Text("a"), Text("b"));
        _library.Gives(Text("a"), Operators.Add, Text("a"), Text(""));
        _library.Gives(CelValue.Bytes([1, 2]), Operators.Add, CelValue.Bytes([1]), CelValue.Bytes([2]));
        _library.Gives(List(CelValue.Of(1L), CelValue.Of(2L), CelValue.Of(3L)), Operators.Add, Slice("[1,2]"), List(CelValue.Of(3L)));
        _library.Gives(List(), Operators.Add, Slice("[]"), List());
        Assert.Equal(0, _library.Frame.Arena.StackTop);
    }

    [Fact]
    public void What_becomes_too_long_is_an_error()
    {
        var half = CelValue.String(new byte[9 * 1024 * 1024]);
        _library.Fails(CelErrorKind.Limit, Operators.Add, half, half);
        _library.Frame = new Frame(0, 0, new CelLimits { MaxSteps = 2 });
        _library.Fails(CelErrorKind.Limit, Operators.Add, Slice("[1,2,3]"), Slice("[1]"));
        Assert.Equal(0, _library.Frame.Arena.StackTop);
    }

    [Fact]
    public void In_looks_for_items_and_keys()
    {
        _library.Gives(CelValue.True, Operators.In, Text("a"), Slice("""["b","\u0061"]"""));
        _library.Gives(CelValue.True, Operators.In, CelValue.Of(1UL), Slice("[1.0]"));
        _library.Gives(CelValue.False, Operators.In, CelValue.Of(double.NaN), List(CelValue.Of(double.NaN)));
        _library.Gives(CelValue.True, Operators.In, Text("a"), Slice("""{"a":null}"""));
        _library.Gives(CelValue.False, Operators.In, CelValue.Null, Slice("""{"a":null}"""));
        _library.Gives(CelValue.True, Operators.In, CelValue.Of(1.0), Map((CelValue.Of(1L), CelValue.Null)));
    }
}
