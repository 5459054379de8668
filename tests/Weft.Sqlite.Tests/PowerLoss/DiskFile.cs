namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>A file: what a reader sees, what was synced, and the changes between the two. Guarded by the disk's gate.</summary>
internal sealed class DiskFile(Disk disk)
{
    private readonly List<(long Offset, byte[]? Data)> _unsynced = [];
    private Content _now = new(), _synced = new();

    public long Length => _now.Length;

    public int Read(long offset, Span<byte> into) => _now.Read(offset, into);

    public bool TryWrite(long offset, ReadOnlySpan<byte> data)
    {
        if (!disk.TryChange())
            return false;
        _now.Write(offset, data);
        _unsynced.Add((offset, data.ToArray()));
        return true;
    }

    public bool TryTruncate(long length)
    {
        if (!disk.TryChange())
            return false;
        _now.SetLength(length);
        _unsynced.Add((length, null));
        return true;
    }

    public bool TrySync()
    {
        if (!disk.TryChange())
            return false;
        Sync();
        return true;
    }

    public void Sync()
    {
        foreach (var (offset, data) in _unsynced)
            Apply(_synced, offset, data);
        _unsynced.Clear();
    }

    /// <summary>What is left of it: all that was synced, and of the rest what chance wrote, in sectors.</summary>
    public DiskFile AfterPowerLoss(Disk on, Random? survives)
    {
        var left = new Content(_synced);
        // Some losses take nearly everything and some nearly nothing; both find other faults than the middle.
        double share = survives is null ? 0 : survives.Next(4) switch { 0 => 0.05, 1 => 0.95, _ => 0.5 };
        foreach (var (offset, data) in survives is null ? [] : _unsynced)
        {
            if (data is null)
            {
                if (survives!.NextDouble() < share)
                    left.SetLength(offset);
                continue;
            }
            for (int from = 0; from < data.Length;)
            {
                int upTo = (int)Math.Min(data.Length, from + Disk.SectorSize - ((offset + from) % Disk.SectorSize));
                if (survives!.NextDouble() < share)
                    left.Write(offset + from, data.AsSpan(from..upTo));
                from = upTo;
            }
        }
        return new DiskFile(on) { _now = left, _synced = new Content(left) };
    }

    private static void Apply(Content content, long offset, byte[]? data)
    {
        if (data is null)
            content.SetLength(offset);
        else
            content.Write(offset, data);
    }

    private sealed class Content
    {
        private byte[] _bytes = [];

        public Content()
        {
        }

        public Content(Content other) => (_bytes, Length) = (other._bytes[..(int)other.Length], other.Length);

        public long Length { get; private set; }

        public int Read(long offset, Span<byte> into)
        {
            int count = (int)Math.Clamp(Length - offset, 0, into.Length);
            if (count > 0)
                _bytes.AsSpan((int)offset, count).CopyTo(into);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> data)
        {
            if (offset + data.Length > Length)
                SetLength(offset + data.Length);
            data.CopyTo(_bytes.AsSpan((int)offset));
        }

        public void SetLength(long length)
        {
            if (length > _bytes.Length)
                Array.Resize(ref _bytes, (int)Math.Max(length, 2L * _bytes.Length));
            if (length < Length)
                _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
            Length = length;
        }
    }
}
