using Microsoft.AspNetCore.Http;
using Weft.AspNetCore.ApiGateway.Fallback;
using Weft.Calls;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Streams a response body: straight into the server's buffer, flushed whenever nothing more is there.</summary>
internal static class ResponseBody
{
    private const int FirstRead = 4096;
    private const int LargeRead = 64 * 1024;
    private const int FlushAt = 64 * 1024;

    /// <summary>Copies everything.</summary>
    /// <param name="from">The answer.</param>
    /// <param name="response">To the client.</param>
    /// <param name="deadline">The clock of the attempt.</param>
    /// <param name="idle">How long nothing may flow.</param>
    /// <param name="copy">Gets the body too; null for nobody.</param>
    /// <returns>How many bytes.</returns>
    /// <exception cref="OperationCanceledException">The client is gone, or nothing came for <paramref name="idle"/>.</exception>
    public static async ValueTask<long> CopyAsync(Stream from, HttpResponse response, CallDeadline deadline, TimeSpan idle, AnswerCopy? copy = null)
    {
        // Without a start the server copies what is written once more.
        await response.StartAsync(deadline.Token).ConfigureAwait(false);
        var to = response.BodyWriter;
        long total = 0;
        var unflushed = 0;
        var size = FirstRead;
        // An empty read waits for data without holding a buffer, so an idle stream costs no memory.
        var ready = from.ReadAsync(Memory<byte>.Empty, deadline.Token);
        while (true)
        {
            if (!ready.IsCompleted || unflushed >= FlushAt)
            {
                deadline.Extend(idle);
                await FlushAsync(to, deadline).ConfigureAwait(false);
                unflushed = 0;
                deadline.Extend(idle);
            }
            await ready.ConfigureAwait(false);
            var memory = to.GetMemory(size);
            var read = await from.ReadAsync(memory, deadline.Token).ConfigureAwait(false);
            copy?.Add(memory.Span[..read]);
            to.Advance(read);
            if (read == 0)
            {
                // The server ends a body of known length without a flush of its own: the rest would wait for the connection to close.
                if (unflushed > 0)
                    await FlushAsync(to, deadline).ConfigureAwait(false);
                return total;
            }
            if (read == size)
                size = LargeRead;
            total += read;
            unflushed += read;
            ready = from.ReadAsync(Memory<byte>.Empty, deadline.Token);
        }
    }

    private static async ValueTask FlushAsync(System.IO.Pipelines.PipeWriter to, CallDeadline deadline)
    {
        var flushed = await to.FlushAsync(deadline.Token).ConfigureAwait(false);
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new OperationCanceledException("The client is gone.");
    }
}
