using System.Text;

namespace Weft.Tests.Expressions.Library;

public sealed class EncodersLibraryTests
{
    [Theory]
    [InlineData("hello", "aGVsbG8=")]
    [InlineData("", "")]
    [InlineData("f", "Zg==")]
    [InlineData("foo", "Zm9v")]
    [InlineData("😀?>", "8J+YgD8+")]
    public void Encodes_and_decodes(string text, string encoded)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal($"'{encoded}'", new LibraryCalls().Show("base64.encode", bytes));
        Assert.Equal(Convert.ToHexStringLower(bytes), new LibraryCalls().Show("base64.decode", encoded));
        Assert.Equal(Convert.ToHexStringLower(bytes), new LibraryCalls().Show("base64.decode", encoded.TrimEnd('=')));
    }

    [Fact]
    public void Takes_broken_lines() => Assert.Equal("68656c6c6f", new LibraryCalls().Show("base64.decode", "aGVs\r\nbG8=\n"));

    [Theory]
    [InlineData("a")]
    [InlineData("aGVsbG8==")]
    [InlineData("aGVs bG8=")]
    [InlineData("8J-YgA")]
    [InlineData("=")]
    [InlineData("aGVs=bG8")]
    [InlineData("ä")]
    public void Refuses_other_text(string text) => Assert.Equal("error Argument", new LibraryCalls().Show("base64.decode", text));
}
