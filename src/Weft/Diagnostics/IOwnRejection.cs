namespace Weft.Diagnostics;

/// <summary>An exception with which Weft itself ended a call, so that it says nothing about who was to be called.</summary>
internal interface IOwnRejection
{
    /// <summary>False when nothing was done.</summary>
    bool WasStarted { get; }
}
