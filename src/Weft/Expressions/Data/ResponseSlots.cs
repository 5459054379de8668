namespace Weft.Expressions.Data;

/// <summary>Reads what expressions ask of the answer to an HTTP request: <c>response.status</c>, <c>response.headers</c> and <c>response.body</c>.</summary>
/// <remarks>Made once from the slots of expressions; safe for use from many threads, each with a frame of its own.</remarks>
internal sealed class ResponseSlots
{
    private const string Status = "response.status", Headers = "response.headers", Body = "response.body";

    private readonly SlotPath[] _status, _headers;
    private readonly JsonPaths? _body;

    public ResponseSlots(SlotTable slots)
    {
        _status = [.. slots.Paths.Where(p => p.Variable == Status)];
        _headers = [.. slots.Paths.Where(p => p.Variable == Headers)];
        SlotPath[] body = [.. slots.Paths.Where(p => p.Variable == Body)];
        _body = body.Length == 0 ? null : new JsonPaths(body, depth: 0);
    }

    /// <summary>The declarations of the variables.</summary>
    public static IReadOnlyList<VariableDeclaration> Variables { get; } =
        [new(Status, CelType.Int), new(Headers, CelType.Map(CelType.String, CelType.String), ByPath: true), new(Body, CelType.Dyn, ByPath: true)];

    /// <summary>Fills the slots of a frame, once the request has filled its own.</summary>
    /// <param name="status">The status.</param>
    /// <param name="header">Gives a header by its name; null when it is not there.</param>
    /// <param name="headers">All headers, by names in small letters.</param>
    /// <param name="body">The body, JSON; empty for none. It must not change while the frame is in use.</param>
    /// <param name="frame">Gets the values.</param>
    public void Fill(int status, Func<string, string?> header, Func<IEnumerable<KeyValuePair<string, string>>> headers, ReadOnlyMemory<byte> body, Frame frame)
    {
        foreach (var slot in _status)
            frame.Slots[slot.Number] = CelValue.Of((long)status);
        foreach (var slot in _headers)
        {
            if (slot.Fields.Length == 0)
                frame.Slots[slot.Number] = CelValue.Map(new HeaderMap(headers()));
            else if (header(slot.Fields[0]) is { } text)
                frame.Slots[slot.Number] = slot.Fields.Length == 1 ? frame.Inputs.String(text) : slot.NoMap(1);
            else
                frame.Slots[slot.Number] = slot.Missing(0);
        }
        if (_body is null)
            return;
        if (body.IsEmpty)
            _body.Miss(frame);
        else
            _body.Fill(EventSlots.Buffer(body), isTrusted: false, frame);
    }
}
