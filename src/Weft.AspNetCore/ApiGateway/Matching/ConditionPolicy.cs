using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Weft.AspNetCore.ApiGateway.Matching;

/// <summary>
/// Takes routes out whose conditions a request does not fulfil, once path, method and host have matched, and of those that are left and match as
/// exactly, all but the one with the most conditions. Costs nothing where no route has conditions.
/// </summary>
internal sealed class ConditionPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>After those of methods and hosts.</summary>
    public override int Order => 1000;

    /// <inheritdoc/>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(e => ConditionsOf(e) is not null);

    /// <inheritdoc/>
    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (int i = 0, best = -1; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i))
                continue;
            ref readonly var candidate = ref candidates[i];
            if (ConditionsOf(candidate.Endpoint) is { } conditions && !conditions.Hold(httpContext, candidate.Values))
            {
                candidates.SetValidity(i, false);
                continue;
            }
            // They come in the order of their scores, so the best one is of the first score that is left.
            if (best < 0)
                best = i;
            else if (candidates[best].Score == candidate.Score && candidate.Endpoint.Metadata.GetMetadata<GatewayRoute>() is not null)
                best = Better(candidates, best, i);
        }
        return Task.CompletedTask;
    }

    private static int Better(CandidateSet candidates, int one, int other)
    {
        bool isOther = CountOf(candidates[other].Endpoint) > CountOf(candidates[one].Endpoint);
        candidates.SetValidity(isOther ? one : other, false);
        return isOther ? other : one;
    }

    private static int CountOf(Endpoint endpoint) => ConditionsOf(endpoint)?.Count ?? 0;

    private static MatchConditions? ConditionsOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<GatewayRoute>()?.Conditions;
}
