using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>Rules between keys of <c>auth</c>.</summary>
internal static class AuthRules
{
    public static void IssuerIsSafe(JwtOptions jwt, OptionsPath path, Checking checking)
    {
        if (Uri.TryCreate(jwt.Issuer, UriKind.Absolute, out var uri) && uri.Scheme == "http" && !uri.IsLoopback)
            checking.Report(ProblemCodes.WrongForm, path.Key("issuer"), jwt.Issuer,
                $"{path}.issuer is '{jwt.Issuer}': keys that come over http can be changed on their way, and every token with them. Write https; http is for this machine only.");
    }

    public static void TextIsWhole(HmacOptions hmac, OptionsPath path, Checking checking)
    {
        var (signed, at) = (hmac.Text, path.Key("text"));
        var wrong = !signed.EndsWith("{body}", StringComparison.Ordinal) ? "it must end with {body}."
            : Holes(signed) is { } hole ? $"it has '{hole}'; allowed are {{id}} and {{timestamp}} once each, and {{body}} at the end."
            : hmac.Form == HmacForm.Plain && Has("{timestamp}") != hmac.Timestamp is not null ? "{timestamp} and the key timestamp, which names its header, go together: a time that is not signed protects nothing."
            : Has("{id}") != hmac.Id is not null ? "{id} and the key id, which names its header, go together: an id that is not signed protects nothing."
            : hmac.Id is not null && hmac.Timestamp is null && hmac.Form == HmacForm.Plain ? "with {id} it needs {timestamp} too: ids are remembered for the window only."
            : null;
        if (wrong is not null)
            checking.Report(ProblemCodes.WrongForm, at, signed, $"{at} is '{signed}': {wrong}");
        if (hmac.Form == HmacForm.Stripe && (hmac.Timestamp is not null || hmac.Id is not null || hmac.Prefix.Length > 0 || signed != "{body}"))
            checking.Report(ProblemCodes.WrongForm, path.Key("form"), null,
                $"{path}.form is stripe, which says what is signed and where the time stands. Remove text, timestamp, id and prefix, or write form: plain.");

        bool Has(string name) => signed.Contains(name, StringComparison.Ordinal);
    }

    public static void NoneIsAlone(RouteAuthOptions auth, OptionsPath path, Checking checking)
    {
        if (auth.AnyOf.Contains(NameOf.None) && !auth.IsPlain)
            checking.Report(ProblemCodes.WrongForm, path, NameOf.None,
                $"{path} has 'none', which lets everybody in, beside something else. Write auth: none, or take none out.");
    }

    /// <summary>The first brace that belongs to no hole that is known, or to one that stands twice.</summary>
    private static string? Holes(string signed)
    {
        var rest = signed;
        foreach (var name in (string[])["{id}", "{timestamp}", "{body}"])
        {
            var at = rest.IndexOf(name, StringComparison.Ordinal);
            if (at >= 0)
                rest = rest.Remove(at, name.Length);
        }
        var brace = rest.IndexOfAny(['{', '}']);
        return brace < 0 ? null : rest[brace..];
    }
}
