using System.Globalization;
using Weft.Diagnostics;

namespace Weft.Messages;

/// <summary>Why something is no valid CloudEvent.</summary>
/// <param name="Code"><see cref="Invalid"/>, <see cref="Unsupported"/> or <see cref="Malformed"/>.</param>
/// <param name="Attribute">The attribute at fault, or <c>data</c> or <c>data_base64</c>; null when it is the request as a whole.</param>
/// <param name="Text">What was found (shortened, without control characters), what is allowed and what to do.</param>
public sealed record EventError(EventCode Code, string? Attribute, string Text)
{
    /// <summary>WEFT4101: an attribute or the data breaks a rule of CloudEvents. As HTTP: 400.</summary>
    public static readonly EventCode Invalid = new(4101);

    /// <summary>WEFT4102: the content type is none that can be read. As HTTP: 415.</summary>
    public static readonly EventCode Unsupported = new(4102);

    /// <summary>WEFT4103: the body is not the JSON that its content type promises. As HTTP: 400.</summary>
    public static readonly EventCode Malformed = new(4103);

    /// <summary>The place of the event in its batch, from 0; null when it is not in a batch.</summary>
    public int? Index { get; init; }

    /// <summary>The code, the place and the text in one line.</summary>
    public override string ToString() => Index is { } index
        ? string.Create(CultureInfo.InvariantCulture, $"{Code} event {index} of the batch: {Text}")
        : $"{Code} {Text}";
}
