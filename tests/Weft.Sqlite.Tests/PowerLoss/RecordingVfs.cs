using System.Runtime.InteropServices;
using System.Text;
using static Weft.Sqlite.Tests.PowerLoss.NativeVfs;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>
/// A virtual file system of SQLite over a <see cref="Disk"/>. Several connections of this process can use it at once, also in
/// WAL mode. Dispose it after the last connection was closed.
/// </summary>
internal sealed unsafe class RecordingVfs : IDisposable
{
    private static int s_count;

    private readonly Dictionary<string, SharedState> _shared = [];
    private readonly GCHandle _self;
    private readonly Vfs* _vfs;
    private readonly byte[] _name;

    public RecordingVfs(Disk disk)
    {
        Disk = disk;
        Name = $"recording-{Interlocked.Increment(ref s_count)}";
        _name = Encoding.UTF8.GetBytes(Name + '\0');
        _self = GCHandle.Alloc(this);
        _vfs = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        _vfs->Version = 1;
        _vfs->FileSize = sizeof(NativeVfs.File);
        _vfs->MaxPathName = 1024;
        _vfs->Name = (byte*)NativeMemory.Alloc((nuint)_name.Length);
        _name.CopyTo(new Span<byte>(_vfs->Name, _name.Length));
        _vfs->AppData = GCHandle.ToIntPtr(_self);
        _vfs->Open = &Open;
        _vfs->Delete = &Delete;
        _vfs->Access = &Access;
        _vfs->FullPathName = &FullPathName;
        _vfs->Randomness = &Randomness;
        _vfs->Sleep = &Sleep;
        _vfs->CurrentTime = &CurrentTime;
        _vfs->GetLastError = &GetLastError;
        Expect(Register(_vfs, 0) == Ok, "It cannot be registered.");
    }

    public Disk Disk { get; }

    /// <summary>The name to open databases with.</summary>
    public string Name { get; }

    /// <summary>Open files; a test that leaves some has leaked a connection.</summary>
    public int OpenFiles { get; set; }

    public void Dispose()
    {
        Expect(OpenFiles == 0, $"{OpenFiles} files are still open: a connection was not closed.");
        Expect(Unregister(_vfs) == Ok, "It cannot be taken away.");
        NativeMemory.Free(_vfs->Name);
        NativeMemory.Free(_vfs);
        _self.Free();
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }

    private static RecordingVfs Of(Vfs* vfs) => (RecordingVfs)GCHandle.FromIntPtr(vfs->AppData).Target!;

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text)!;

    [UnmanagedCallersOnly]
    private static int Open(Vfs* vfs, byte* name, NativeVfs.File* file, int flags, int* outFlags)
    {
        var self = Of(vfs);
        file->Methods = null;
        lock (self.Disk.Gate)
        {
            string path = name == null ? $"temporary-{Guid.NewGuid():N}" : Text(name);
            var found = self.Disk.Find(path);
            bool create = found is null && (flags & OpenCreate) != 0;
            if (!self.Disk.HasPower)
                return IoError;
            if (create)
                found = self.Disk.TryCreate(path);
            if (found is null)
                return create ? IoError : CannotOpen;
            if (!self._shared.TryGetValue(path, out var shared))
                self._shared.Add(path, shared = new());

            // As on Unix: the first sync of a new journal syncs its directory too; that of a database does not.
            bool syncsDirectory = create && (flags & (OpenMainJournal | OpenSuperJournal | OpenWal)) != 0;
            var open = new OpenFile(self, found, shared, syncsDirectory, deleteOnClose: (flags & OpenDeleteOnClose) != 0 ? path : null);
            file->Handle = GCHandle.ToIntPtr(GCHandle.Alloc(open));
            file->Methods = FileMethods.Table;
            self.OpenFiles++;
            if (outFlags != null)
                *outFlags = flags;
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Delete(Vfs* vfs, byte* name, int syncDirectory)
    {
        var disk = Of(vfs).Disk;
        lock (disk.Gate)
            return disk.TryDelete(Text(name), syncDirectory != 0) ? Ok : IoError;
    }

    [UnmanagedCallersOnly]
    private static int Access(Vfs* vfs, byte* name, int flags, int* result)
    {
        var disk = Of(vfs).Disk;
        lock (disk.Gate)
        {
            // As on Unix: an empty file does not count as existing.
            *result = disk.Find(Text(name)) is { } file && (flags != 0 || file.Length > 0) ? 1 : 0;
            return disk.HasPower ? Ok : IoError;
        }
    }

    [UnmanagedCallersOnly]
    private static int FullPathName(Vfs* vfs, byte* name, int size, byte* into)
    {
        var text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (text.Length >= size)
            return CannotOpen;
        text.CopyTo(new Span<byte>(into, size));
        into[text.Length] = 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Randomness(Vfs* vfs, int count, byte* into)
    {
        // It salts the write-ahead log; an old frame must never pass for a new one, so it is not seeded.
        System.Security.Cryptography.RandomNumberGenerator.Fill(new Span<byte>(into, count));
        return count;
    }

    [UnmanagedCallersOnly]
    private static int Sleep(Vfs* vfs, int microseconds)
    {
        Thread.Sleep((microseconds + 999) / 1000);
        return microseconds;
    }

    [UnmanagedCallersOnly]
    private static int CurrentTime(Vfs* vfs, double* julianDay)
    {
        *julianDay = 2461100.5;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int GetLastError(Vfs* vfs, int size, byte* into) => 0;
}
