using System.Globalization;

namespace Weft.Diagnostics;

/// <summary>
/// The number of an event: the same in logs (event id), errors (<c>WEFT2104</c>) and docs (<c>docs/troubleshooting/2104.md</c>).
/// Bands: 1000 reading the file, 2000 what it says, 3000 stores and logs, 4000 event bus, 5000 gateway, 6000 process and admin.
/// </summary>
/// <param name="Number">1000 to 9999.</param>
public readonly record struct EventCode(int Number)
{
    /// <summary><c>WEFT</c> and four digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"WEFT{Number:0000}");
}
