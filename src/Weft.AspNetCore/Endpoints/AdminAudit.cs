using Microsoft.Extensions.Logging;

namespace Weft.AspNetCore.Endpoints;

/// <summary>Writes who changed what through the admin API, and who was turned away. Its own log category: <c>Weft.Audit</c>.</summary>
internal sealed partial class AdminAudit(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Weft.Audit");

    /// <summary>A change was asked for, and this became of it.</summary>
    public void Changed(AdminBearer who, string what, string result) => LogChanged(_logger, who.Name, who.Fingerprint, what, result);

    /// <summary>A request was turned away.</summary>
    public void Refused(string? address, string what, string why) => LogRefused(_logger, address, what, why);

    [LoggerMessage(6010, LogLevel.Information, "{Who} ({Fingerprint}): {What}: {Result}")]
    private static partial void LogChanged(ILogger logger, string who, string fingerprint, string what, string result);

    [LoggerMessage(6011, LogLevel.Warning, "Refused {Address}: {What}: {Why}")]
    private static partial void LogRefused(ILogger logger, string? address, string what, string why);
}
