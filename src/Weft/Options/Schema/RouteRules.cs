using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules between the keys of routes.</summary>
internal static class RouteRules
{
    /// <summary>A version does not end before it is known that it will.</summary>
    public static void SunsetAfterDeprecation(VersionOptions version, OptionsPath path, Checking checking)
    {
        if (version.Sunset < version.Deprecated)
            checking.Report(ProblemCodes.WrongForm, path.Key("sunset"), null, $"{path}.sunset is before {path}.deprecated (RFC 9745, section 4). Exchange them, or move one.");
    }

    /// <summary>Browsers refuse credentials for every origin, and for good reason.</summary>
    public static void CredentialsNeedOrigins(CorsOptions cors, OptionsPath path, Checking checking)
    {
        if (cors.Credentials && cors.Origins.Contains("*"))
            checking.Report(ProblemCodes.WrongForm, path.Key("credentials"), null, $"{path}.credentials goes with named origins only: with *, every page could act for whoever is signed in. Name the origins, or remove credentials.");
        if (cors.Credentials && cors.Headers.Contains("*"))
            checking.Report(ProblemCodes.WrongForm, path.Key("headers"), null, $"{path}.headers cannot be * together with credentials. Name the headers.");
    }
}
