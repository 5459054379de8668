using Weft.Options;

namespace Weft.Server.Hosting;

/// <summary>Reads the secrets that the options name, anew each time somebody asks. Follows the options over reloads.</summary>
internal sealed class OptionSecrets(WeftOptions options) : ISecrets
{
    /// <summary>The prefix of a reference to a secret.</summary>
    public const string Prefix = "secret://";

    /// <summary>Whose secrets they are.</summary>
    public WeftOptions Options { get; set; } = options;

    /// <inheritdoc/>
    public string Get(string name)
    {
        if (!Options.Secrets.TryGetValue(name, out var secret))
            throw new KeyNotFoundException($"There is no secret '{name}'. Secrets: {Options.Secrets}. Add it under 'secrets'.");
        if (secret.Env is { } variable)
        {
            return Environment.GetEnvironmentVariable(variable)
                ?? throw new KeyNotFoundException($"Secret '{name}' comes from the environment variable {variable}, which is not set.");
        }
        try
        {
            return File.ReadAllText(secret.File!).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyNotFoundException($"Secret '{name}' comes from the file {secret.File}, which cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The value behind <c>secret://NAME</c>.</summary>
    /// <exception cref="WeftConfigurationException">It cannot be had.</exception>
    public string Resolve(string reference, string place)
    {
        try
        {
            return Get(NameOf(reference));
        }
        catch (KeyNotFoundException e)
        {
            throw new WeftConfigurationException($"{place}: {e.Message}", e);
        }
    }

    /// <summary>The name in <c>secret://NAME</c>.</summary>
    public static string NameOf(string reference) =>
        reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference;
}
