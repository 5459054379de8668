using System.Text;

namespace Weft.KillTarget;

/// <summary>Standard output where each line is one write to the operating system, so that what was said survives a kill. A dot ends it.</summary>
internal sealed class Lines
{
    private readonly Stream _out = Console.OpenStandardOutput();
    private readonly Lock _lock = new();

    /// <summary>With the monotonic clock of the machine, which all its processes share, at the beginning: <paramref name="at"/> or now.</summary>
    public void AddTimed(string what, string subject, long? at = null) =>
        Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{at ?? TimeProvider.System.GetTimestamp()} {what}"), subject);

    public void Add(string what, string subject)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{what} {subject} .\n");
        lock (_lock)
            _out.Write(line);
    }
}
