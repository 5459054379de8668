using Weft.Integration.Tests.Packaging;

namespace Weft.Integration.Tests.Samples;

/// <summary>The program of samples/handlers, which is checked for compilation ahead of time and runs without reflection over JSON.</summary>
public sealed class HandlersSampleTests
{
    [Fact]
    public async Task The_program_handles_what_it_publishes()
    {
        var folder = Directory.CreateTempSubdirectory("weft-handlers-").FullName;
        var program = Commands.Program("handlers", "handlers");
        var printed = await LocalFeed.RunAsync(folder, "dotnet", program);
        Assert.Equal(
            ["invoice for A-17: 42", "invoice for A-18: 7.5", "released from A-17", "reserved for A-17", "reserved for A-18"],
            printed.Split('\n').Where(line => line.Contains("A-1", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Directory.Delete(folder, recursive: true);
    }
}
