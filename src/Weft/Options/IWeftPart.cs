namespace Weft.Options;

/// <summary>A part of the running system that is made from options: the event bus, the gateway.</summary>
internal interface IWeftPart
{
    /// <summary>Builds everything that <paramref name="next"/> asks for beside what runs, and changes nothing that runs.</summary>
    /// <returns>What puts it in place.</returns>
    /// <exception cref="WeftConfigurationException">The options cannot be met; what runs goes on.</exception>
    Task<IPreparedPart> PrepareAsync(WeftOptions next, CancellationToken cancellation);

    /// <summary>Takes nothing new from outside, lets what is under way finish, then closes.</summary>
    Task StopAsync(TimeSpan drain);
}

/// <summary>A part that is built and waits to be put in place. Disposing it without a commit undoes the building.</summary>
internal interface IPreparedPart : IAsyncDisposable
{
    /// <summary>Puts it in place and ends what it replaces. Does not fail: all that can fail was done before.</summary>
    Task CommitAsync();
}
