using System.Runtime.InteropServices;
using static Weft.Sqlite.Tests.PowerLoss.NativeVfs;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>What SQLite calls to work with an open file, forwarded to <see cref="OpenFile"/> under the disk's gate.</summary>
internal static unsafe class FileMethods
{
    /// <summary>Lives as long as the process: SQLite keeps pointers to it.</summary>
    public static IoMethods* Table { get; } = Create();

    private static IoMethods* Create()
    {
        var table = (IoMethods*)NativeMemory.AllocZeroed((nuint)sizeof(IoMethods));
        table->Version = 2;
        table->Close = &Close;
        table->Read = &Read;
        table->Write = &Write;
        table->Truncate = &Truncate;
        table->Sync = &Sync;
        table->FileSize = &FileSize;
        table->Lock = &Lock;
        table->Unlock = &Unlock;
        table->CheckReservedLock = &CheckReservedLock;
        table->FileControl = &FileControl;
        table->SectorSize = &SectorSize;
        table->DeviceCharacteristics = &DeviceCharacteristics;
        table->ShmMap = &ShmMap;
        table->ShmLock = &ShmLock;
        table->ShmBarrier = &ShmBarrier;
        table->ShmUnmap = &ShmUnmap;
        return table;
    }

    private static OpenFile Of(NativeVfs.File* file) => (OpenFile)GCHandle.FromIntPtr(file->Handle).Target!;

    [UnmanagedCallersOnly]
    private static int Close(NativeVfs.File* file)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            open.Close();
        GCHandle.FromIntPtr(file->Handle).Free();
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Read(NativeVfs.File* file, byte* into, int count, long offset)
    {
        var open = Of(file);
        var span = new Span<byte>(into, count);
        lock (open.Vfs.Disk.Gate)
        {
            if (!open.Vfs.Disk.HasPower)
                return IoError;
            int read = open.File.Read(offset, span);
            span[read..].Clear();
            return read == count ? Ok : IoErrorShortRead;
        }
    }

    [UnmanagedCallersOnly]
    private static int Write(NativeVfs.File* file, byte* data, int count, long offset)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            return open.File.TryWrite(offset, new ReadOnlySpan<byte>(data, count)) ? Ok : IoError;
    }

    [UnmanagedCallersOnly]
    private static int Truncate(NativeVfs.File* file, long length)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            return open.File.TryTruncate(length) ? Ok : IoError;
    }

    [UnmanagedCallersOnly]
    private static int Sync(NativeVfs.File* file, int flags)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            return open.TrySync() ? Ok : IoError;
    }

    [UnmanagedCallersOnly]
    private static int FileSize(NativeVfs.File* file, long* length)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            *length = open.File.Length;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Lock(NativeVfs.File* file, int level)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            return open.TryLock(level) ? Ok : Busy;
    }

    [UnmanagedCallersOnly]
    private static int Unlock(NativeVfs.File* file, int level)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            open.Unlock(level);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int CheckReservedLock(NativeVfs.File* file, int* result)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            *result = open.IsReserved ? 1 : 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int FileControl(NativeVfs.File* file, int operation, void* argument) => NotFound;

    [UnmanagedCallersOnly]
    private static int SectorSize(NativeVfs.File* file) => 4096;

    // What SQLite assumes of disks by default: a write never harms the bytes beside it.
    [UnmanagedCallersOnly]
    private static int DeviceCharacteristics(NativeVfs.File* file) => PowersafeOverwrite;

    [UnmanagedCallersOnly]
    private static int ShmMap(NativeVfs.File* file, int region, int size, int extend, void** memory)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            *memory = open.Map(region, size, extend != 0);
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int ShmLock(NativeVfs.File* file, int offset, int count, int flags)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            return open.TryShmLock(offset, count, unlock: (flags & ShmUnlock) != 0, shared: (flags & ShmShared) != 0) ? Ok : Busy;
    }

    [UnmanagedCallersOnly]
    private static void ShmBarrier(NativeVfs.File* file) => Interlocked.MemoryBarrier();

    [UnmanagedCallersOnly]
    private static int ShmUnmap(NativeVfs.File* file, int delete)
    {
        var open = Of(file);
        lock (open.Vfs.Disk.Gate)
            open.Unmap();
        return Ok;
    }
}
