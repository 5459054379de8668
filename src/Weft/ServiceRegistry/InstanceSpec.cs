using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>What somebody who knows the instances of a service says of one: the file, or whatever finds them.</summary>
/// <param name="Address"><c>http</c> or <c>https</c>; its path is put before the path of every call. An instance is the same as long as its address is.</param>
/// <param name="Weight">Its share of the calls beside the others. Above 0.</param>
/// <param name="Zone">Where it is; null when nobody says.</param>
/// <param name="IsDraining">Whether it gets no new calls; those under way finish.</param>
internal sealed record InstanceSpec(Uri Address, double Weight = 1, string? Zone = null, bool IsDraining = false)
{
    /// <summary>What the file says.</summary>
    public static InstanceSpec Of(EndpointOptions endpoint) => new(new Uri(endpoint.Url), endpoint.Weight, endpoint.Zone);
}
