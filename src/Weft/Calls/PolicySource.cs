using Weft.Options;

namespace Weft.Calls;

/// <summary>Policies that one part of the host program brings.</summary>
internal sealed record PolicySource(OptionsMap<PolicyOptions> Policies)
{
    /// <summary>The policies of all.</summary>
    /// <exception cref="WeftConfigurationException">Two bring the same name.</exception>
    public static OptionsMap<PolicyOptions> Merge(IEnumerable<PolicySource> sources)
    {
        var merged = OptionsMap<PolicyOptions>.Empty;
        foreach (var (name, policy) in sources.SelectMany(source => source.Policies))
        {
            if (merged.ContainsKey(name))
                throw new WeftConfigurationException($"The policy '{name}' is defined both for AddWeft, in code or in its file, and for AddWeftResilience. Give one of the two another name, or leave one out.");
            merged = merged.With(name, policy);
        }
        return merged;
    }
}
