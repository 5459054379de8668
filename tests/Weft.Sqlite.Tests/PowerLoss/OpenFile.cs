using System.Runtime.InteropServices;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>What the connections to one file share: their locks, and the memory of the index of the write-ahead log.</summary>
internal sealed unsafe class SharedState
{
    private readonly List<nint> _regions = [];

    public List<OpenFile> Files { get; } = [];

    public int Mapped { get; set; }

    public void* Region(int index, int size, bool extend)
    {
        while (_regions.Count <= index)
        {
            if (!extend)
                return null;
            _regions.Add((nint)NativeMemory.AllocZeroed((nuint)size));
        }
        return (void*)_regions[index];
    }

    public void FreeRegions()
    {
        foreach (nint region in _regions)
            NativeMemory.Free((void*)region);
        _regions.Clear();
    }
}

/// <summary>A file as one connection has it open. Guarded by the disk's gate.</summary>
internal sealed unsafe class OpenFile
{
    private const int None = 0, Shared = 1, Reserved = 2, Pending = 3, Exclusive = 4;

    private readonly SharedState _shared;
    private readonly string? _deleteOnClose;
    private bool _syncsDirectory, _mapped;
    private int _level;
    private int _shmShared, _shmExclusive;

    public OpenFile(RecordingVfs vfs, DiskFile file, SharedState shared, bool syncsDirectory, string? deleteOnClose)
    {
        (Vfs, File, _shared, _syncsDirectory, _deleteOnClose) = (vfs, file, shared, syncsDirectory, deleteOnClose);
        shared.Files.Add(this);
    }

    public RecordingVfs Vfs { get; }

    public DiskFile File { get; }

    private IEnumerable<OpenFile> Others => _shared.Files.Where(f => f != this);

    public void Close()
    {
        Unmap();
        _shared.Files.Remove(this);
        Vfs.OpenFiles--;
        if (_deleteOnClose is not null)
            Vfs.Disk.TryDelete(_deleteOnClose, sync: false);
    }

    public bool TrySync()
    {
        if (!File.TrySync())
            return false;
        if (_syncsDirectory)
            Vfs.Disk.SyncDirectory();
        _syncsDirectory = false;
        return true;
    }

    public bool TryLock(int level)
    {
        if (level <= _level)
            return true;
        switch (level)
        {
            case Shared:
                if (Others.Any(f => f._level >= Pending))
                    return false;
                break;
            case Reserved:
                if (Others.Any(f => f._level >= Reserved))
                    return false;
                break;
            default:
                if (Others.Any(f => f._level >= Reserved))
                    return false;
                // Readers that are there may finish; new ones are kept out.
                _level = Math.Max(_level, Pending);
                if (level == Exclusive && Others.Any(f => f._level > None))
                    return false;
                break;
        }
        _level = level;
        return true;
    }

    public void Unlock(int level) => _level = Math.Min(_level, level);

    public bool IsReserved => _shared.Files.Exists(f => f._level >= Reserved);

    public void* Map(int region, int size, bool extend)
    {
        if (!_mapped)
            _shared.Mapped++;
        _mapped = true;
        return _shared.Region(region, size, extend);
    }

    public void Unmap()
    {
        (_shmShared, _shmExclusive) = (0, 0);
        if (!_mapped)
            return;
        _mapped = false;
        if (--_shared.Mapped == 0)
            _shared.FreeRegions();
    }

    public bool TryShmLock(int offset, int count, bool unlock, bool shared)
    {
        int mask = ((1 << count) - 1) << offset;
        if (unlock)
        {
            _shmShared &= ~mask;
            _shmExclusive &= ~mask;
            return true;
        }
        if (Others.Any(f => (f._shmExclusive & mask) != 0 || (!shared && (f._shmShared & mask) != 0)))
            return false;
        if (shared)
            _shmShared |= mask;
        else
            _shmExclusive |= mask;
        return true;
    }
}
