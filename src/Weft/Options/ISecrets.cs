using Microsoft.Extensions.Configuration;

namespace Weft.Options;

/// <summary>Finds the values of secrets. Whoever asks keeps no value longer than needed, and no value in logs or errors.</summary>
public interface ISecrets
{
    /// <summary>The value that a reference means.</summary>
    /// <param name="reference"><c>secret://NAME</c>, with NAME under <c>secrets</c>.</param>
    /// <param name="options">The options that hold the reference.</param>
    /// <exception cref="WeftConfigurationException">There is no such secret, or its value cannot be read; the text names the remedy.</exception>
    string Get(string reference, WeftOptions options);
}

/// <summary>Reads secrets from the environment, from files and from the configuration of the host.</summary>
internal sealed class Secrets(IConfiguration? host = null) : ISecrets
{
    private const string Scheme = "secret://";

    /// <inheritdoc/>
    public string Get(string reference, WeftOptions options)
    {
        string name = reference.StartsWith(Scheme, StringComparison.Ordinal) ? reference[Scheme.Length..] : reference;
        if (!options.Secrets.TryGetValue(name, out var secret))
            throw new WeftConfigurationException($"There is no secret '{name}'. Add it under 'secrets', as {name}: {{ env: VARIABLE }}, {{ file: PATH }} or {{ config: KEY }}.");
        if (secret.Env is { } variable)
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new WeftConfigurationException($"secrets.{name} is read from the environment variable {variable}, which is not set. Set it.");
        }
        if (secret.Config is { } key)
        {
            return host?[key] is { Length: > 0 } value
                ? value
                : throw new WeftConfigurationException($"secrets.{name} is read from the key {key} of the host's configuration, which has no value. Add it there.");
        }
        try
        {
            return File.ReadAllText(secret.File!).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeftConfigurationException($"secrets.{name} is read from the file {secret.File}, which cannot be read: {e.Message}", e);
        }
    }
}
