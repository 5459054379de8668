namespace Weft.Server.Tests;

/// <summary>Tests that need the machine for themselves: load at a rate, and limits of time as short as a user would set them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
