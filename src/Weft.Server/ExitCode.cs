namespace Weft.Server;

/// <summary>What the command returns to the shell. 69 and 78 are those of <c>sysexits.h</c>.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Fine = 0;

    /// <summary>There are findings, or it failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>Something that is needed cannot be reached or used: a store, a port, a running instance.</summary>
    public const int Unreachable = 69;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 78;
}

/// <summary>Ends a command with an exit code and a sentence on standard error.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code.</summary>
    public int ExitCode => exitCode;

    /// <summary>The command line is wrong.</summary>
    public static CommandException Usage(string message) => new(Server.ExitCode.Usage, message);
}
