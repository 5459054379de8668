using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>One request on its way to a service: its attempts, and the answer on its way back.</summary>
internal interface IForward : ICallSender<UpstreamAnswer>, IAsyncDisposable
{
    /// <summary>Sends the answer on to the client. Never throws for what either side does.</summary>
    ValueTask<AttemptOutcome> AnswerAsync(UpstreamAnswer answer, CallDeadline clock);

    /// <summary>Takes a whole good answer, to fall back on; null when nobody does.</summary>
    AnswerKeeper? Keep { get; set; }

    /// <summary>Whether the request can be sent again as it was.</summary>
    bool CanRepeat { get; }

    /// <summary>The body of the request as far as it was kept whole; otherwise nothing.</summary>
    ReadOnlyMemory<byte> KeptBody { get; }
}
