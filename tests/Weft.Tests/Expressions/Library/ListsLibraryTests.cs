using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

public sealed class ListsLibraryTests
{
    [Theory]
    [InlineData("[2, 3]", "slice", "[1,2,3,4]", 1, 3)]
    [InlineData("[]", "slice", "[1,2]", 2, 2)]
    [InlineData("error Argument", "slice", "[1,2]", 2, 1)]
    [InlineData("error Argument", "slice", "[1,2]", 0, 3)]
    [InlineData("error Argument", "slice", "[1,2]", -1, 1)]
    [InlineData("[1, 2, 3, 4]", "flatten", "[1,[2,3],[4]]")]
    [InlineData("[1, 2, [3, 4]]", "flatten", "[1,[2,[3,4]]]")]
    [InlineData("[1, 2, 3, [4]]", "flatten", "[1,[2,[],[3,[4]]]]", 2)]
    [InlineData("[1, [2]]", "flatten", "[1,[2]]", 0)]
    [InlineData("[]", "flatten", "[]")]
    [InlineData("error Argument", "flatten", "[1]", -1)]
    [InlineData("[3, 'b', 1]", "reverse", "[1,\"b\",3]")]
    [InlineData("[]", "reverse", "[]")]
    [InlineData("['b', 'c', 'a']", "distinct", "[\"b\",\"b\",\"c\",\"a\",\"c\"]")]
    [InlineData("[1, 'b', 2, [1], {'a': 1}, null]", "distinct", "[1,\"b\",2,\"b\",1.0,[1],[1.0],{\"a\":1},{\"a\":1},null,null]")]
    [InlineData("[1, 2, 3]", "sort", "[3,2,1]")]
    [InlineData("[-1.5d, 1, 2.5d]", "sort", "[2.5,1,-1.5]")]
    [InlineData("['', 'a', 'aé', 'b', 'é', '😀']", "sort", "[\"😀\",\"b\",\"é\",\"aé\",\"\",\"a\"]")]
    [InlineData("[false, true, true]", "sort", "[true,false,true]")]
    [InlineData("[]", "sort", "[]")]
    [InlineData("error Argument", "sort", "[1,\"b\"]")]
    [InlineData("error Argument", "sort", "[[1,2,3]]")]
    [InlineData("error Argument", "sort", "[null]")]
    public void Rearranges(string expected, string name, string json, params object[] more)
    {
        var calls = new LibraryCalls();
        var list = LibraryCalls.Json(json);
        Assert.Equal(expected, calls.Show(name, [list, .. more]));
        Assert.True(calls.Frame.TryItems(list, out var items, out _));
        Assert.Equal(expected, calls.Show(name, [CelValue.List(items.ToArray()), .. more]));
    }

    [Theory]
    [InlineData("['b', 'd', 'c', 'a']", "[3,1,2,1]")]
    [InlineData("['d', 'c', 'b', 'a']", "[\"z\",\"y\",\"x\",\"w\"]")]
    [InlineData("['a', 'b', 'c', 'd']", "[0,0,0,0]")]
    [InlineData("error Argument", "[1,2,3]")]
    [InlineData("error Argument", "[1,2,3,\"4\"]")]
    public void Sorts_by_keys_and_keeps_the_order_of_equals(string expected, string keys) =>
        Assert.Equal(expected, new LibraryCalls().Show("@sortByAssociatedKeys", "json:[\"a\",\"b\",\"c\",\"d\"]", LibraryCalls.Json(keys)));

    [Fact]
    public void Sorts_any_number_of_items_stably()
    {
        var random = new Random(20261123);
        for (var count = 0; count < 70; count++)
        {
            var items = Enumerable.Range(0, count).Select(i => (Key: random.Next(8), Place: i)).ToArray();
            var expected = items.OrderBy(i => i.Key).Select(i => i.Place);

            var sorted = new LibraryCalls().Show("@sortByAssociatedKeys",
                items.Select(i => (object)i.Place).ToArray(), items.Select(i => (object)i.Key).ToArray());

            Assert.Equal($"[{string.Join(", ", expected)}]", sorted);
        }
    }

    [Fact]
    public void Sorts_nan_before_all_numbers() =>
        Assert.Equal("[NaNd, -InfinityD, 1]".Replace("D", "d", StringComparison.Ordinal),
            new LibraryCalls().Show("sort", new object[] { new object[] { 1, double.NaN, double.NegativeInfinity } }));

    [Theory]
    [InlineData("[0, 1, 2, 3, 4]", 5)]
    [InlineData("[]", 0)]
    [InlineData("error Argument", -1)]
    public void Counts(string expected, int size) => Assert.Equal(expected, new LibraryCalls().Show("lists.range", size));

    [Theory]
    [InlineData(true, "contains", "[]", "[]")]
    [InlineData(false, "contains", "[]", "[1]")]
    [InlineData(true, "contains", "[1,2,3,4]", "[2,3,3.0]")]
    [InlineData(false, "contains", "[1,2]", "[2,3]")]
    [InlineData(true, "contains", "[[1],[2,3]]", "[[2,3.0]]")]
    [InlineData(true, "equivalent", "[1]", "[1,1,1.0]")]
    [InlineData(false, "equivalent", "[1,2]", "[1]")]
    [InlineData(true, "intersects", "[1]", "[1,2]")]
    [InlineData(true, "intersects", "[[1],[2,3]]", "[[1,2],[2,3]]")]
    [InlineData(false, "intersects", "[1]", "[]")]
    [InlineData(false, "intersects", "[\"a\"]", "[\"b\"]")]
    public void Compares_sets(bool expected, string name, string a, string b) =>
        Assert.Equal(expected ? "true" : "false", new LibraryCalls().Show($"sets.{name}", LibraryCalls.Json(a), LibraryCalls.Json(b)));
}
