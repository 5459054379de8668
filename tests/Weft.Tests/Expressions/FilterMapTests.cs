using Weft.Expressions;

namespace Weft.Tests.Expressions;

/// <summary>A filter with a map behind it is one loop when both name their items alike; that must not show.</summary>
public sealed class FilterMapTests
{
    [Theory]
    [InlineData("[1, 2, 3].filter(i, i > 1).map(i, i * 2) == [4, 6]")]
    [InlineData("[1, 2, 3].filter(i, i > 1).map(j, j * 2) == [4, 6]")]
    [InlineData("[1, 2, 3].filter(i, i > 1).map(i, i < 3, i * 2) == [4]")]
    [InlineData("[[1, 2], [3]].filter(i, size(i) > 1).map(i, i.filter(i, i > 1).map(i, i + 1)) == [[3]]")]
    [InlineData("[[1, 2], [3]].map(i, i.filter(j, j != 2).map(j, j + size(i))) == [[3], [4]]")]
    [InlineData("{'a': 1, 'b': 2}.filter(k, k != 'a').map(k, k + k) == ['bb']")]
    public void Both_do_what_they_do_alone(string expression) => Assert.True(CelEnvironment.Default.Compile(expression).Evaluate().IsTrue);

    [Fact]
    public void An_error_in_the_filter_is_the_value() => Assert.True(CelEnvironment.Default.Compile("[1, 0].filter(i, 1 / i > 0).map(i, i)").Evaluate().IsError);
}
