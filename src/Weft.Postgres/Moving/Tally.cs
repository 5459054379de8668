using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weft.Postgres.Moving;

/// <summary>Counts rows and sums them up, in their order, so that two sides can be compared.</summary>
internal sealed class Tally : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many rows there were.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<long> numbers, params ReadOnlySpan<ReadOnlyMemory<byte>> values)
    {
        Count++;
        Span<byte> number = stackalloc byte[8];
        foreach (long n in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, n);
            _hash.AppendData(number);
        }
        foreach (var value in values)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value.Length);
            _hash.AppendData(number);
            _hash.AppendData(value.Span);
        }
    }

    /// <summary>The sum of all rows.</summary>
    public string Sum() => Convert.ToHexString(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
