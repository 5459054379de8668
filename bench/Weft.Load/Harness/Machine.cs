using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Weft.Load.Harness;

/// <summary>Where the figures were made. Figures without it are worth nothing.</summary>
internal static class Machine
{
    /// <summary>The machine, the system and the versions that every report names.</summary>
    public static IEnumerable<(string Name, string Value)> Describe()
    {
        yield return ("Processor", $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.ProcessArchitecture}");
        yield return ("Memory", string.Create(
            CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30):0.0} GB"));
        yield return ("System", $"{RuntimeInformation.OSDescription}, temporary files on {TemporaryFileSystem()}");
        yield return (".NET", $"{RuntimeInformation.FrameworkDescription}, {(GCSettings.IsServerGC ? "server" : "workstation")} GC");
        yield return ("Weft", VersionOf(typeof(Machine)));
    }

    /// <summary>The version of the package that a type comes from, without the commit that some builds add.</summary>
    public static string VersionOf(Type type)
    {
        var assembly = type.Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "unknown";
    }

    private static string Processor()
    {
        const string CpuInfo = "/proc/cpuinfo";
        if (File.Exists(CpuInfo))
        {
            var model = File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
            if (model is not null)
            {
                return model[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
    }

    private static string TemporaryFileSystem()
    {
        // The longest mount point that holds the folder is its file system.
        var folder = Path.GetFullPath(Path.GetTempPath());
        var drive = DriveInfo.GetDrives()
            .Where(d => d.IsReady && folder.StartsWith(d.Name, StringComparison.OrdinalIgnoreCase))
            .MaxBy(d => d.Name.Length);
        return drive?.DriveFormat ?? "an unknown file system";
    }
}
