namespace Weft.Flows;

/// <summary>
/// Finds the message that ends its process, so that it does not do so for ever. The store knows up to where messages may be under way; whoever
/// opens the subscription after a crash suspects those. Each gets a row before it is tried again, and few are tried at once; those with such a
/// row in another crash are tried alone. One that was under way in so many crashes in a row is a dead letter. Without crashes it costs a
/// note every few hundred messages. Not thread-safe, except for <see cref="Suspects"/>: its source guards it.
/// </summary>
internal sealed class CrashWatch : IDisposable
{
    /// <summary>The reason of dead letters and of rows that were written before a try.</summary>
    public const string Reason = "crash";

    /// <summary>So many suspects are tried at once.</summary>
    public const int AtOnce = 16;

    // So many messages are handed out between two notes at most.
    private const long Ahead = 1024;

    // One that takes longer has not ended the process at once, and does not hold up the others.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly long _underWay;
    private readonly int _limit;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly Dictionary<long, ParkedMessage?> _noted = []; // What it was before; null once it is settled.
    private readonly Queue<ParkedMessage> _begun = new();
    private ITimer? _patience;
    private bool _impatient = true;
    private long _asked;

    /// <param name="underWay">Up to where messages were under way when the subscription was opened; 0 for nowhere.</param>
    /// <param name="limit">After how many crashes in a row a message is dead. At least 2.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wake">Called when a wait for what is under way is over.</param>
    public CrashWatch(long underWay, int limit, TimeProvider time, Action wake)
    {
        (_underWay, _asked, _limit, _time, _wake) = (underWay, underWay, limit, time, wake);
        Recovers = underWay > 0;
        Verdict = Outcome.Dead(Reason, $"The process ended {limit} times in a row while this was handled.");
    }

    /// <summary>By what time rows that were written before a try are due: before all others.</summary>
    public static DateTimeOffset Due => DateTimeOffset.MinValue;

    /// <summary>Whether messages are tried that were under way in a crash.</summary>
    public bool Recovers { get; private set; }

    /// <summary>Whether nothing is handed out until what is under way is settled.</summary>
    public bool Waits { get; private set; }

    /// <summary>Whether closing the subscription has to take back that messages are under way.</summary>
    public bool HasMarked => _asked > 0 && !Recovers;

    /// <summary>What becomes of a message that is proven to end its process.</summary>
    public Outcome Verdict { get; }

    /// <summary>Whether a message may have been under way in the crash.</summary>
    public bool Suspects(long position) => position <= _underWay;

    /// <summary>Up to where to note that messages are under way before more than <paramref name="read"/> are; null when the last note will do.</summary>
    public long? NextMark(long read) => read + (Ahead / 2) < _asked ? null : _asked = read + Ahead;

    /// <summary>Takes up the rows that were written before a try that never ended.</summary>
    public void Begin(IEnumerable<ParkedMessage> begun)
    {
        foreach (var row in begun)
            _begun.Enqueue(row);
    }

    /// <summary>Whether more may be handed out: once what is under way is settled, or has taken long enough.</summary>
    public bool MayHandOut(int underWay)
    {
        Waits = underWay > 0 && !_impatient;
        if (Waits)
            return false;
        _impatient = false;
        _patience ??= _time.CreateTimer(static watch => ((CrashWatch)watch!).LosePatience(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _patience.Change(s_patience, Timeout.InfiniteTimeSpan);
        return true;
    }

    /// <summary>The next that was under way in another crash; null when there is none.</summary>
    public ParkedMessage? Next() => _begun.TryDequeue(out var row) ? row : null;

    /// <summary>Whether a message was under way in as many crashes as it takes. The first left no row.</summary>
    public bool IsProven(ParkedMessage row) => ParkedNotes.Read(row.Notes).Tries.Reverse().TakeWhile(t => t.Reason == Reason).Count() >= _limit - 1;

    /// <summary>The row to write before a suspect is tried; null for others, and when it is written.</summary>
    public ParkedMessage? Note(ParkedMessage row, DateTimeOffset now)
    {
        if (!Suspects(row.Position) || !_noted.TryAdd(row.Position, row))
            return null;
        const string Detail = "It may have been under way when the process ended; this was noted before it was tried again.";
        return row with
        {
            State = ParkedState.Retry,
            Due = Due,
            Attempts = row.Attempts + 1,
            FirstAt = row.Attempts > 0 ? row.FirstAt : now,
            LastAt = now,
            Reason = Reason,
            Detail = Detail,
            Notes = ParkedNotes.Read(row.Notes).With(new(row.Attempts + 1, now, Reason, Detail)).Write(),
        };
    }

    /// <summary>A try has ended, so what was noted before it no longer tells of a crash.</summary>
    public void Settled(long position)
    {
        if (_noted.ContainsKey(position))
            _noted[position] = null;
    }

    /// <summary>The rows to write when the subscription is closed in order: those of tries that have not ended, without what was noted before them.</summary>
    public IEnumerable<ParkedMessage> TakenBack(DateTimeOffset now) =>
        from row in _noted.Values
        where row is not null
        select row with { State = ParkedState.Retry, Due = row.State == ParkedState.Retry && row.Due > Due ? row.Due : now };

    /// <summary>All that were under way have been tried.</summary>
    public void End() => (Recovers, Waits) = (false, false);

    /// <inheritdoc/>
    public void Dispose() => _patience?.Dispose();

    private void LosePatience()
    {
        Volatile.Write(ref _impatient, true);
        _wake();
    }
}
