namespace Weft.Diagnostics;

/// <summary>
/// The codes of everything that can be wrong with the file (band 1000) or with what it says (band 2000). Each has a page in
/// <c>docs/troubleshooting</c>. A number is never used again for something else.
/// </summary>
public static class ProblemCodes
{
#pragma warning disable CS1591 // Each name says it, and its page explains it.
    // Files and YAML
    public static readonly EventCode FileUnreadable = new(1000);
    public static readonly EventCode Syntax = new(1001);
    public static readonly EventCode TooDeep = new(1002);
    public static readonly EventCode TooManyNodes = new(1003);
    public static readonly EventCode TooLarge = new(1004);
    public static readonly EventCode NotText = new(1005);
    public static readonly EventCode DuplicateKey = new(1006);
    public static readonly EventCode SeveralDocuments = new(1007);
    public static readonly EventCode UnknownAlias = new(1008);
    public static readonly EventCode MergeKey = new(1009);
    public static readonly EventCode Tab = new(1010);
    public static readonly EventCode KeyNotText = new(1011);
    public static readonly EventCode Tag = new(1012);

    // Variables and values of the host
    public static readonly EventCode VariableNotSet = new(1020);
    public static readonly EventCode VariableSyntax = new(1021);
    public static readonly EventCode HostValue = new(1022);

    // Several files
    public static readonly EventCode IncludeNotFound = new(1030);
    public static readonly EventCode IncludeCycle = new(1031);
    public static readonly EventCode DefinedTwice = new(1032);
    public static readonly EventCode IncludeForm = new(1033);

    // Version
    public static readonly EventCode VersionMissing = new(1040);
    public static readonly EventCode VersionUnknown = new(1041);

    // Keys
    public static readonly EventCode UnknownKey = new(2001);
    public static readonly EventCode NotYet = new(2002);
    public static readonly EventCode Missing = new(2003);
    public static readonly EventCode ExactlyOne = new(2004);

    // Values by themselves
    public static readonly EventCode WrongShape = new(2100);
    public static readonly EventCode WrongForm = new(2101);
    public static readonly EventCode NotAChoice = new(2102);
    public static readonly EventCode OutOfRange = new(2104);
    public static readonly EventCode Name = new(2105);
    public static readonly EventCode NotASecret = new(2106);

    // Values among each other
    public static readonly EventCode UnknownName = new(2200);
    public static readonly EventCode SwitchedOff = new(2201);
    public static readonly EventCode UnknownHandler = new(2202);
    public static readonly EventCode NoAuth = new(2210);
    public static readonly EventCode SameRoute = new(2220);
    public static readonly EventCode PathPattern = new(2221);
    public static readonly EventCode OpenListener = new(2240);
    public static readonly EventCode Certificate = new(2241);
    public static readonly EventCode SameAddress = new(2242);
    public static readonly EventCode Expression = new(2250);
    public static readonly EventCode StubKey = new(2260);
    public static readonly EventCode StoreNeeded = new(2270);
    public static readonly EventCode SameFile = new(2271);
    public static readonly EventCode CapBelowBase = new(2280);
    public static readonly EventCode BoundsCross = new(2281);
    public static readonly EventCode AttemptOverDeadline = new(2282);
    public static readonly EventCode UnsafeRetry = new(2283);
    public static readonly EventCode BreakerAround = new(2284);
    public static readonly EventCode PolicyRing = new(2285);
    public static readonly EventCode HedgeAlone = new(2286);
    public static readonly EventCode NoTimeToRepeat = new(2287);
    public static readonly EventCode FallbackToItself = new(2288);
#pragma warning restore CS1591
}
