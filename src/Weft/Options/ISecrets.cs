namespace Weft.Options;

/// <summary>Gives the values of secrets. Whoever asks keeps no value longer than needed, and no value in logs or errors.</summary>
public interface ISecrets
{
    /// <summary>The value of the secret of a name under <c>secrets</c>.</summary>
    /// <param name="name">The name, without <c>secret://</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name, or its value cannot be read; the text names the remedy.</exception>
    string Get(string name);
}
