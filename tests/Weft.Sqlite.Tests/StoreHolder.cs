using System.Diagnostics;
using System.Runtime.CompilerServices;
using Weft.Options;

namespace Weft.Sqlite.Tests;

/// <summary>Another process that has a store open: this test program again, which a variable turns into a holder.</summary>
internal sealed class StoreHolder : IDisposable
{
    private const string Variable = "WEFT_TEST_HOLD_STORE";
    private readonly Process _process;

    public StoreHolder(string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(StoreHolder).Assembly.Location);
        start.Environment[Variable] = path;
        _process = Process.Start(start)!;
        Assert.Equal("open", _process.StandardOutput.ReadLine());
    }

    public int Id => _process.Id;

    /// <summary>Ends it without a chance to clean up.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

#pragma warning disable CA2255 // Runs before the test framework takes the process over.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void HoldWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } path)
            return;
        _ = SqliteMessageLog.Open(path, Durability.Sync, TimeProvider.System);
        Console.WriteLine("open");
        Console.In.ReadToEnd();
        Environment.Exit(0);
    }
}
