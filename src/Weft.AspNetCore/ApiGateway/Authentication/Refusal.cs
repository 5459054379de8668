namespace Weft.AspNetCore.ApiGateway.Authentication;

/// <summary>Why a credential is not taken. All are listed here, so that labels of metrics are bounded and callers learn nothing that helps to guess.</summary>
/// <param name="Reason">The label.</param>
/// <param name="Text">For the caller.</param>
internal sealed record Refusal(string Reason, string Text)
{
    public static readonly Refusal Missing = new("missing", "Send credentials.");
    public static readonly Refusal Twice = new("malformed", "There is more than one Authorization header.") { Kind = ProblemKind.BadRequest };
    public static readonly Refusal TooLong = new("too-long", "The token is too long.");
    public static readonly Refusal Malformed = new("malformed", "The token is malformed.");
    public static readonly Refusal Algorithm = new("algorithm", "The token is signed with an algorithm that is not taken.");
    public static readonly Refusal Critical = new("critical", "The token has extensions that are not understood.");
    public static readonly Refusal Type = new("type", "The token is of another type.");
    public static readonly Refusal Key = new("key", "The token is signed with a key that is not known.");
    public static readonly Refusal Signature = new("signature", "The signature is wrong.");
    public static readonly Refusal Claims = new("claims", "The token lacks claims, or has some in a wrong form.");
    public static readonly Refusal Expired = new("expired", "The token has expired.");
    public static readonly Refusal TooEarly = new("too-early", "The token is not valid yet.");
    public static readonly Refusal Issuer = new("issuer", "The token is of another issuer.");
    public static readonly Refusal Audience = new("audience", "The token is not for this system.");
    public static readonly Refusal NoKeys = new("provider", "Tokens cannot be checked at the moment.") { Kind = ProblemKind.NoKeys };
    public static readonly Refusal ApiKey = new("api-key", "The API key is not known.");
    public static readonly Refusal Timestamp = new("timestamp", "The time of sending is missing, or too far from now.");
    public static readonly Refusal Id = new("malformed", "The id of the message is missing or malformed.");
    public static readonly Refusal Replayed = new("replayed", "The message was taken before.") { Kind = ProblemKind.Replayed };
    public static readonly Refusal Certificate = new("certificate", "The certificate is not one that may call.");
    public static readonly Refusal Scope = new("scope", "The credential does not allow this.") { Kind = ProblemKind.Forbidden };
    public static readonly Refusal Condition = new("condition", "The caller may not do this.") { Kind = ProblemKind.Forbidden };

    /// <summary>The kind of answer.</summary>
    public ProblemKind Kind { get; init; } = ProblemKind.Unauthenticated;

    /// <summary>The problem as it is answered.</summary>
    public Problem Problem => field ??= new(Kind, Text);
}
