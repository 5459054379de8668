namespace Weft.AspNetCore.Dashboard;

/// <summary>A file of the dashboard as it is sent.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Bytes">Its contents.</param>
/// <param name="IsHashed">Whether its name changes with its contents, so that it never has to be asked for again.</param>
internal sealed record DashboardFile(string ContentType, ReadOnlyMemory<byte> Bytes, bool IsHashed);
