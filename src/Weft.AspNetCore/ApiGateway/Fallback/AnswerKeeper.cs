using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Weft.AspNetCore.ApiGateway.Fallback;

/// <summary>Keeps the answer to one request once it was whole.</summary>
internal sealed class AnswerKeeper(LastGoodAnswers answers, string key)
{
    /// <summary>Begins a copy of a body.</summary>
#pragma warning disable CA1822 // Reads as one thing with End.
    public AnswerCopy Begin() => new();
#pragma warning restore CA1822

    /// <summary>Keeps the answer with its copied body; nothing when it was too large.</summary>
    public void End(AnswerCopy? copy, HttpResponse response)
    {
        if (copy?.Body is { } body)
            answers.Keep(key, response, body);
    }
}

/// <summary>A copy of a body that passes, up to what is kept.</summary>
internal sealed class AnswerCopy
{
    private ArrayBufferWriter<byte>? _bytes = new();

    /// <summary>The whole body; null when it was too large.</summary>
    public byte[]? Body => _bytes?.WrittenSpan.ToArray();

    /// <summary>Adds what passes.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        if (_bytes is null)
            return;
        if (_bytes.WrittenCount + part.Length > LastGoodAnswers.MaxBody)
            _bytes = null;
        else
            _bytes.Write(part);
    }
}
