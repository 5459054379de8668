using System.Diagnostics;
using Weft.EventBus;
using Weft.Flows;

namespace Weft.AspNetCore.Endpoints;

/// <summary>
/// Finds what a message was published because of, and what was published because of it: by <c>causationid</c>, directly or through others
/// that it caused, and by its trace where an event names no cause. There is no index of these, so what was stored around it is looked through.
/// </summary>
internal sealed class RelatedMessages
{
    // Clocks of several processes differ a little.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly string _topic;
    private readonly LogEntry _entry;
    private readonly SearchBudget _budget;
    private readonly byte[]? _causeId;
    private readonly ActivityContext? _trace;
    private readonly List<(MessageView View, ActivitySpanId? SameTrace)> _candidates = [];
    private readonly List<CausedView> _replays = [];

    /// <param name="topic">The topic of the message.</param>
    /// <param name="entry">The message.</param>
    /// <param name="budget">How much may be looked at.</param>
    public RelatedMessages(string topic, in LogEntry entry, SearchBudget budget)
    {
        (_topic, _entry, _budget) = (topic, entry, budget);
        _causeId = entry.Message.TryGet(Causation.Id, out var id) ? id.ToArray() : null;
        _trace = Causation.TraceOf(entry.Message);
    }

    /// <summary>The message that it was published because of; null when it names none, or it was not found.</summary>
    public MessageView? Cause { get; private set; }

    /// <summary>Whether all that could be related was looked at.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Looks through a topic: what came later for what was caused, what came before for the cause.</summary>
    public async Task LookThroughAsync(ILogTopic log, CancellationToken cancellation)
    {
        foreach (var shard in log.Shards)
        {
            long first = await LogReading.FirstAtAsync(shard, _entry.AppendedAt - Slack, cancellation).ConfigureAwait(false);
            var later = new LogSearch(shard, newest: false);
            await later.BeginAsync(new(first, default), null, cancellation).ConfigureAwait(false);
            IsComplete &= !await later.RunAsync(null, _budget, entry => Consider(log.Name, entry), cancellation).ConfigureAwait(false);
        }
        if (Cause is not null || _causeId is null)
            return;
        var before = new LogSearch(log, newest: true);
        await before.BeginAsync(null, new(null, _entry.AppendedAt - Slack), cancellation).ConfigureAwait(false);
        await before.RunAsync(null, _budget, entry => !IsCause(log.Name, entry), cancellation).ConfigureAwait(false);
    }

    /// <summary>Its replays to the topic, and what was published because of it, each oldest first.</summary>
    public IReadOnlyList<CausedView> Caused()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal) { _entry.Message.Id };
        var caused = new List<CausedView>();
        foreach (var (view, sameTrace) in _candidates.OrderBy(c => c.View.AppendedAt))
        {
            if (view.CausationId is { } cause ? !ids.Contains(cause) : sameTrace is null || sameTrace == _trace!.Value.SpanId)
                continue;
            ids.Add(view.Id);
            caused.Add(new(view, view.CausationId is null ? "trace" : "causationid"));
        }
        return [.. _replays, .. caused];
    }

    private bool Consider(string topic, in LogEntry entry)
    {
        if (topic == _topic && entry.Position == _entry.Position)
            return true;
        IsCause(topic, entry);
        var trace = Causation.TraceOf(entry.Message);
        var sameTrace = _trace is { } own && trace?.TraceId == own.TraceId ? trace.Value.SpanId : (ActivitySpanId?)null;
        bool isItself = topic == _topic && entry.Message.TryGet("id"u8, out var id) && _entry.Message.TryGet("id"u8, out var ownId) && id.SequenceEqual(ownId);
        if (isItself && Causation.ReplaysOf(entry.Message) > Causation.ReplaysOf(_entry.Message))
            _replays.Add(new(MessageViews.Of(topic, entry, whole: false), "replay"));
        else if (!isItself && (entry.Message.TryGet(Causation.Id, out _) || (sameTrace is not null && entry.AppendedAt >= _entry.AppendedAt)))
            _candidates.Add((MessageViews.Of(topic, entry, whole: false), sameTrace));
        return true;
    }

    private bool IsCause(string topic, in LogEntry entry)
    {
        if (_causeId is null || !entry.Message.TryGet("id"u8, out var id) || !id.SequenceEqual(_causeId))
            return false;
        Cause ??= MessageViews.Of(topic, entry, whole: false);
        return true;
    }
}
