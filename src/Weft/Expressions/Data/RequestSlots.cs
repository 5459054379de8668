using System.Text;

namespace Weft.Expressions.Data;

/// <summary>
/// Reads what expressions ask of an HTTP request: <c>request path query headers claims body</c>, and <c>vars</c> of the file. Only what is
/// asked for is looked at, once.
/// </summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed class RequestSlots
{
    private static readonly (string Name, RequestPart Part)[] s_parts =
    [
        ("request", RequestPart.Request), ("path", RequestPart.Path), ("query", RequestPart.Query), ("headers", RequestPart.Headers),
    ];

    // Nobody was asked for: there are claims, and none of them has a value.
    private static readonly ReadOnlyMemory<byte> s_nobody = "{}"u8.ToArray();

    private readonly (SlotPath Slot, RequestPart Part)[] _texts;
    private readonly JsonPaths? _body, _claims;

    public RequestSlots(SlotTable slots)
    {
        _texts = [.. slots.Paths.SelectMany(slot => s_parts.Where(p => p.Name == slot.Variable).Select(p => (slot, p.Part)))];
        _body = Json(slots, "body");
        _claims = Json(slots, "claims");
    }

    /// <summary>The declarations of the variables.</summary>
    public static IReadOnlyList<VariableDeclaration> Variables { get; } =
        [.. s_parts.Select(p => new VariableDeclaration(p.Name, CelType.Map(CelType.String, CelType.String), ByPath: true)),
            new VariableDeclaration("claims", CelType.Map(CelType.String, CelType.Dyn), ByPath: true), new VariableDeclaration("body", CelType.Dyn, ByPath: true)];

    /// <summary>Whether the body of the request is asked for.</summary>
    public bool NeedsBody => _body is not null;

    /// <summary>Fills the slots of a frame.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body; it must not change while the frame is in use.</param>
    /// <param name="frame">Gets the values.</param>
    public void Fill(IRequestView request, ReadOnlyMemory<byte> body, Frame frame)
    {
        frame.Inputs.Reset();
        foreach (var (slot, part) in _texts)
            frame.Slots[slot.Number] = Value(request, part, slot, frame.Inputs);
        _claims?.Fill(EventSlots.Buffer(request.Claims.IsEmpty ? s_nobody : request.Claims), isTrusted: true, frame);
        if (_body is null)
            return;
        var buffer = EventSlots.Buffer(body);
        if (buffer.Count == 0)
            _body.Miss(frame);
        else if (JsonSlice.SkipSpace(buffer, 0) is var start && start < buffer.Count && request.HasJsonBody)
            _body.Fill(buffer, isTrusted: false, frame);
        else
            _body.Set(System.Text.Unicode.Utf8.IsValid(buffer) ? CelValue.String(buffer.Array!, buffer.Offset, buffer.Count) : CelValue.Bytes(buffer.Array!, buffer.Offset, buffer.Count), frame);
    }

    private static JsonPaths? Json(SlotTable slots, string variable)
    {
        SlotPath[] paths = [.. slots.Paths.Where(p => p.Variable == variable)];
        return paths.Length == 0 ? null : new JsonPaths(paths, depth: 0);
    }

    private static CelValue Value(IRequestView request, RequestPart part, SlotPath slot, Arena arena)
    {
        if (slot.Fields.Length == 0)
            return Whole(request, part);
        if (request.Get(part, slot.Fields[0]) is not { } text)
            return slot.Missing(0);
        return slot.Fields.Length == 1 ? arena.String(text) : slot.NoMap(1);
    }

    private static CelValue Whole(IRequestView request, RequestPart part)
    {
        if (part == RequestPart.Headers)
            return CelValue.Map(new HeaderMap(request.All(part)));
        var builder = new CelEntries.Builder(new Arena { MaxBytes = long.MaxValue });
        foreach (var (name, value) in request.All(part))
            builder.Add(CelValue.String(Encoding.UTF8.GetBytes(name)), CelValue.String(Encoding.UTF8.GetBytes(value)));
        return builder.ToValue();
    }
}

/// <summary>The parts of a request that are texts by name.</summary>
internal enum RequestPart : byte
{
    /// <summary><c>method</c>, <c>path</c>, <c>host</c>, <c>scheme</c>, <c>clientAddress</c> and <c>id</c>.</summary>
    Request,

    /// <summary>What the holes of the route's path stand for, decoded.</summary>
    Path,

    /// <summary>Decoded; of a name that is there twice the first value.</summary>
    Query,

    /// <summary>By name without regard to case; several of one name with commas between.</summary>
    Headers,
}

/// <summary>A request as expressions see it.</summary>
internal interface IRequestView
{
    /// <summary>Whether the body says of itself that it is JSON.</summary>
    bool HasJsonBody { get; }

    /// <summary>What is known of the caller: a JSON object in UTF-8 that does not change; empty for nothing.</summary>
    ReadOnlyMemory<byte> Claims => default;

    /// <summary>One text of a part; null when it is not there.</summary>
    string? Get(RequestPart part, string name);

    /// <summary>All texts of a part.</summary>
    IEnumerable<KeyValuePair<string, string>> All(RequestPart part);
}
