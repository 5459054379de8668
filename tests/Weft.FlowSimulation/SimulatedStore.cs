using Weft.Flows;
using Weft.Options;
using Weft.Sqlite;
using Weft.Sqlite.Tests.PowerLoss;
using Weft.Testing;

namespace Weft.FlowSimulation;

/// <summary>A store that outlives the process that has it open.</summary>
internal abstract class SimulatedStore
{
    /// <summary>Whether the process that has it open can still reach it; false once it was killed.</summary>
    public abstract bool IsReachable { get; }

    /// <summary>Makes one.</summary>
    public static SimulatedStore Create(string kind, World world) => kind switch
    {
        "memory" => new MemoryStore(world),
        "sqlite" => new SqliteStore(world),
        _ => throw new ArgumentException($"There is no store '{kind}'. There are memory and sqlite.", nameof(kind)),
    };

    /// <summary>Opens it for a process.</summary>
    public abstract IMessageLog Open();

    /// <summary>Kills the process between two of its steps.</summary>
    public abstract void Cut();

    /// <summary>Kills the process in the middle of what it writes next. False when this store has no such middle.</summary>
    public virtual bool CutInWrites(int writes) => false;

    /// <summary>Makes it ready to be opened again, after the process has let it go.</summary>
    public abstract void Recover(bool powerFailed);

    private sealed class MemoryStore(World world) : SimulatedStore
    {
        private InMemoryMessageLog? _log;
        private bool _isOpen;

        public override bool IsReachable => _isOpen;

        public override IMessageLog Open()
        {
            _isOpen = true;
            return _log ??= new(world.Time);
        }

        public override void Cut() => _isOpen = false;

        public override void Recover(bool powerFailed) => _log = _log?.CrashAndReopen(powerFailed);
    }

#pragma warning disable CA1001 // Recovering lets the file system go; what a run that failed has open ends with the process.
    private sealed class SqliteStore(World world) : SimulatedStore
#pragma warning restore CA1001
    {
        private Disk _disk = new();
        private RecordingVfs? _vfs;

        public override bool IsReachable => _disk.HasPower;

        public override IMessageLog Open()
        {
            _vfs = new(_disk);
            return SqliteMessageLog.Open(
                new SqliteLogOptions { Path = "simulated.db", Vfs = _vfs.Name, Durability = Durability.Sync, BusyTimeout = TimeSpan.Zero, Steps = Step }, world.Time);
        }

        public override void Cut() => _disk.CutPower();

        public override bool CutInWrites(int writes)
        {
            _disk.CutPowerIn(writes);
            return true;
        }

        public override void Recover(bool powerFailed)
        {
            _vfs?.Dispose();
            _vfs = null;
            if (!_disk.HasPower)
                _disk = powerFailed ? _disk.AfterPowerLoss(new Random(world.Chance.Next())) : _disk.AfterProcessDeath();
        }

        // A commit takes a while, so that callers share it.
        private void Step(Action step)
        {
            if (world.OneIn(3))
                ThreadPool.UnsafeQueueUserWorkItem(static step => step(), step, preferLocal: false);
            else
                _ = LaterAsync(step);
        }

        private async Task LaterAsync(Action step)
        {
            await world.WaitAsync(world.UpTo(20));
            step();
        }
    }
}
