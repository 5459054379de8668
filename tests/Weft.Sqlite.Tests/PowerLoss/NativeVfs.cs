using System.Runtime.InteropServices;

namespace Weft.Sqlite.Tests.PowerLoss;

/// <summary>The structures of SQLite's C interface for virtual file systems (sqlite3.h), and the two calls that register one.</summary>
internal static unsafe partial class NativeVfs
{
    public const int Ok = 0, Busy = 5, IoError = 10, NotFound = 12, CannotOpen = 14, IoErrorShortRead = 522;

    public const int OpenDeleteOnClose = 0x8, OpenCreate = 0x4, OpenMainJournal = 0x800, OpenSuperJournal = 0x4000, OpenWal = 0x80000;

    public const int PowersafeOverwrite = 0x1000;

    public const int ShmUnlock = 1, ShmShared = 4;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    public static partial int Register(Vfs* vfs, int makeDefault);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_unregister")]
    public static partial int Unregister(Vfs* vfs);

    [StructLayout(LayoutKind.Sequential)]
    public struct Vfs
    {
        public int Version, FileSize, MaxPathName;
        public Vfs* Next;
        public byte* Name;
        public nint AppData;
        public delegate* unmanaged<Vfs*, byte*, File*, int, int*, int> Open;
        public delegate* unmanaged<Vfs*, byte*, int, int> Delete;
        public delegate* unmanaged<Vfs*, byte*, int, int*, int> Access;
        public delegate* unmanaged<Vfs*, byte*, int, byte*, int> FullPathName;
        public nint DlOpen, DlError, DlSym, DlClose;
        public delegate* unmanaged<Vfs*, int, byte*, int> Randomness;
        public delegate* unmanaged<Vfs*, int, int> Sleep;
        public delegate* unmanaged<Vfs*, double*, int> CurrentTime;
        public delegate* unmanaged<Vfs*, int, byte*, int> GetLastError;
    }

    /// <summary>An open file. SQLite allocates it; the handle is ours.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct File
    {
        public IoMethods* Methods;
        public nint Handle;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoMethods
    {
        public int Version;
        public delegate* unmanaged<File*, int> Close;
        public delegate* unmanaged<File*, byte*, int, long, int> Read;
        public delegate* unmanaged<File*, byte*, int, long, int> Write;
        public delegate* unmanaged<File*, long, int> Truncate;
        public delegate* unmanaged<File*, int, int> Sync;
        public delegate* unmanaged<File*, long*, int> FileSize;
        public delegate* unmanaged<File*, int, int> Lock;
        public delegate* unmanaged<File*, int, int> Unlock;
        public delegate* unmanaged<File*, int*, int> CheckReservedLock;
        public delegate* unmanaged<File*, int, void*, int> FileControl;
        public delegate* unmanaged<File*, int> SectorSize;
        public delegate* unmanaged<File*, int> DeviceCharacteristics;
        public delegate* unmanaged<File*, int, int, int, void**, int> ShmMap;
        public delegate* unmanaged<File*, int, int, int, int> ShmLock;
        public delegate* unmanaged<File*, void> ShmBarrier;
        public delegate* unmanaged<File*, int, int> ShmUnmap;
    }
}
