using Weft.EventBus;

namespace Weft.Samples.Shop;

internal static class About
{
    /// <summary>What is said of one order stays in order.</summary>
    public static EventSettings Order(string id) => new() { Subject = id, PartitionKey = id };
}
