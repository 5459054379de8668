namespace Weft.Yaml.Tests;

/// <summary>A folder of files for one test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weft-yaml-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, with folders above it.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Writes and reads one file.</summary>
    public static ReadResult Read(string text, ReadSettings? settings = null)
    {
        using var folder = new TempFolder();
        return WeftFile.Read([folder.Write("weft.yaml", text)], settings);
    }

    /// <summary>The problems as text, with the folder left out.</summary>
    public string Text(ReadResult result, ProblemFormat format = ProblemFormat.Text)
    {
        using var writer = new StringWriter();
        ProblemWriter.Write(writer, result, format);
        return writer.ToString().Replace(Path + System.IO.Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
