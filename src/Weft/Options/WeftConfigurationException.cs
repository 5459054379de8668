namespace Weft.Options;

/// <summary>The options cannot be met. The message names each place, its value, what is allowed and the remedy.</summary>
public sealed class WeftConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
