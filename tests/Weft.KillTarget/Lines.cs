using System.Text;

namespace Weft.KillTarget;

/// <summary>Standard output where each line is one write to the operating system, so that what was said survives a kill. A dot ends it.</summary>
internal sealed class Lines
{
    private readonly Stream _out = Console.OpenStandardOutput();
    private readonly Lock _lock = new();

    public void Add(string what, string subject)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{what} {subject} .\n");
        lock (_lock)
            _out.Write(line);
    }
}
