using System.Diagnostics.Metrics;
using Weft.Diagnostics;

namespace Weft.Server.Hosting;

/// <summary>Shows which configuration is in force, and whether a newer one was refused.</summary>
internal sealed class ConfigurationMetrics
{
    public ConfigurationMetrics(WeftRuntime runtime, IMeterFactory meters)
    {
        var meter = meters.Create(WeftMeter.Name);
        meter.CreateObservableGauge("weft.config.revision", () => runtime.Revision, description: "How often a configuration was put in force since the start.");
        meter.CreateObservableGauge("weft.config.pending", () => runtime.PendingError is null ? 0 : 1, description: "1 while the last configuration that was read could not be put in force.");
    }
}
