namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>
/// A disk in memory that knows what was synced. It follows POSIX in its strictest reading: data is durable once its file was
/// synced, a name once its directory was. The power can be cut at any change; from then on everything fails.
/// </summary>
internal sealed class Disk
{
    public const int SectorSize = 512;

    private readonly List<(string Name, DiskFile? File)> _directoryChanges = [];
    private readonly Dictionary<string, DiskFile> _durableNames;
    private readonly Dictionary<string, DiskFile> _names;
    private long _cutIn = long.MaxValue;

    public Disk()
        : this([])
    {
    }

    private Disk(Dictionary<string, DiskFile> files) => (_durableNames, _names) = (files, new(files));

    /// <summary>Guards the disk and all that is on it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How many changes were tried: writes, truncations, syncs, and names made or taken away.</summary>
    public long Changes { get; private set; }

    public bool HasPower { get; private set; } = true;

    /// <summary>Cuts the power before the given change from now is done; 1 for the next one.</summary>
    public void CutPowerIn(long changes)
    {
        lock (Gate)
            _cutIn = changes;
    }

    public void CutPower()
    {
        lock (Gate)
            HasPower = false;
    }

    public DiskFile? Find(string name) => _names.GetValueOrDefault(name);

    public DiskFile? TryCreate(string name)
    {
        if (!TryChange())
            return null;
        var file = new DiskFile(this);
        _names[name] = file;
        _directoryChanges.Add((name, file));
        return file;
    }

    public bool TryDelete(string name, bool sync)
    {
        if (!TryChange())
            return false;
        _names.Remove(name);
        _directoryChanges.Add((name, null));
        if (sync)
            SyncDirectory();
        return true;
    }

    public void SyncDirectory()
    {
        _directoryChanges.ForEach(change => Apply(_durableNames, change));
        _directoryChanges.Clear();
    }

    /// <summary>Counts a change. False when there is no power any more to do it.</summary>
    public bool TryChange()
    {
        Changes++;
        if (--_cutIn <= 0)
            HasPower = false;
        return HasPower;
    }

    /// <summary>The disk that is found when the power is back.</summary>
    /// <param name="survives">What happened to each part that was not synced: null when none of it was written.</param>
    public Disk AfterPowerLoss(Random? survives = null)
    {
        lock (Gate)
        {
            HasPower = false;
            var names = new Dictionary<string, DiskFile>(_durableNames);
            // Directories are journalled: what of their changes was written is a beginning of them.
            foreach (var change in _directoryChanges.Take(survives?.Next(_directoryChanges.Count + 1) ?? 0))
                Apply(names, change);
            var after = new Disk([]);
            foreach (var (name, file) in names)
                after._durableNames[name] = after._names[name] = file.AfterPowerLoss(after, survives);
            return after;
        }
    }

    /// <summary>The disk as it is when only the process has died: the operating system still has everything.</summary>
    public Disk AfterProcessDeath()
    {
        lock (Gate)
        {
            HasPower = false;
            foreach (var file in _names.Values)
                file.Sync();
            SyncDirectory();
        }
        return AfterPowerLoss();
    }

    private static void Apply(Dictionary<string, DiskFile> names, (string Name, DiskFile? File) change)
    {
        if (change.File is null)
            names.Remove(change.Name);
        else
            names[change.Name] = change.File;
    }
}
