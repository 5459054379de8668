using Weft.Flows;
using Weft.Messages;
using Weft.Postgres.Reading;

namespace Weft.Postgres.Tests;

public sealed class TailTests
{
    private readonly Tail _tail = new();
    private readonly LogEntry[] _into = new LogEntry[1000];

    [Fact]
    public void Gives_what_follows_and_nothing_after_the_head()
    {
        Add(1, 10);
        Add(11, 5);
        Assert.Equal([8, 9, 10, 11, 12], Read(7, 12));
        Assert.Equal([15], Read(14, 15));
        Assert.Empty(Read(15, 15));
    }

    [Fact]
    public void What_others_append_in_between_empties_it()
    {
        Add(1, 10);
        Add(20, 3);
        Assert.Empty(Read(5, 30));
        Assert.Empty(Read(18, 30));
        Assert.Equal([20, 21, 22], Read(19, 30));
    }

    [Fact]
    public void Keeps_the_last_ones_only()
    {
        for (int first = 1; first <= 5000; first += 100)
            Add(first, 100);
        Assert.Empty(Read(4487, 5000));
        Assert.Equal(Enumerable.Range(4489, 512).Select(i => (long)i), Read(4488, 5000));
    }

    [Fact]
    public void Keeps_no_more_than_its_bytes()
    {
        for (int first = 1; first <= 20; first++)
            Add(first, 1, size: 100_000);
        Assert.Equal([19, 20], Read(18, 20));
        Assert.Empty(Read(17, 20));
        Add(21, 1, size: 10 << 20);
        Assert.Empty(Read(20, 21));
        Add(22, 1);
        Assert.Equal([22], Read(21, 22));
    }

    [Fact]
    public void Copies_the_bytes_and_forgets_on_demand()
    {
        byte[] bytes = [1, 2, 3];
        _tail.Add(1, DateTimeOffset.UnixEpoch, [("k"u8.ToArray(), new Message(bytes))]);
        bytes[0] = 9;
        Assert.Equal([1], Read(0, 1));
        Assert.Equal([1, 2, 3], _into[0].Message.Bytes.ToArray());
        Assert.Equal("k"u8.ToArray(), _into[0].Key.ToArray());
        _tail.Clear();
        Assert.Empty(Read(0, 1));
        Add(2, 1);
        Assert.Equal([2], Read(1, 2));
    }

    private void Add(long first, int count, int size = 10) =>
        _tail.Add(first, DateTimeOffset.UnixEpoch, [.. Enumerable.Range(0, count).Select(_ => (default(ReadOnlyMemory<byte>), new Message(new byte[size])))]);

    private long[] Read(long after, long head) => [.. _into[.._tail.Read(after, head, _into)].Select(e => e.Position)];
}
