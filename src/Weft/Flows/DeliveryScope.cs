using Weft.Messages;

namespace Weft.Flows;

/// <summary>
/// What a lane of a flow is handling, for whoever is called by it: so a handler need not say what it publishes because of what. One
/// object per lane that flows into all that its handler calls; setting it costs nothing per item.
/// </summary>
/// <remarks>What a handler leaves running after it returned sees the item after its own, or none.</remarks>
internal sealed class DeliveryScope
{
    private static readonly AsyncLocal<DeliveryScope?> s_current = new();

    /// <summary>The scope of the lane that this runs in; null outside of lanes.</summary>
    public static DeliveryScope? Current => s_current.Value;

    /// <summary>What is being handled; default for nothing.</summary>
    public Message Item { get; set; }

    /// <summary>Opens a scope for the caller, an async method, until it ends.</summary>
    public static void Open() => s_current.Value = new();
}
