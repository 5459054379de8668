namespace Weft.Expressions.Library;

/// <summary><c>format</c> of the strings extension: fills the verbs of a text (<c>%s %d %f %e %b %o %x %X %%</c>) with the items of a list.</summary>
internal static class TextFormat
{
    private const int DefaultPrecision = 6;
    private const int MaxPrecision = 1000;

    private static readonly CelError s_end = CelError.Argument("format(): the text ends within a verb; write %% for a percent sign.");
    private static readonly CelError s_verb = CelError.Argument("format(): a verb is not known; allowed are %s %d %f %e %b %o %x %X and %%.");
    private static readonly CelError s_precision = CelError.Argument(
        $"format(): a precision is a point with a number of at most {MaxPrecision}, as in %.2f.");
    private static readonly CelError s_few = CelError.Argument("format(): the text has more verbs than the list has items.");
    private static readonly CelError s_text = CelError.Argument("format(): %s does not take an optional; use orValue().");
    private static readonly CelError s_integer = CelError.Argument("format(): %d takes a number; use %s.");
    private static readonly CelError s_number = CelError.Argument("format(): %f and %e take a number; use %s, or double() to make it one.");
    private static readonly CelError s_binary = CelError.Argument("format(): %b takes an int, a uint or a bool.");
    private static readonly CelError s_octal = CelError.Argument("format(): %o takes an int or a uint.");
    private static readonly CelError s_hex = CelError.Argument("format(): %x and %X take an int, a uint, a string or bytes.");

    public static CelValue Run(Frame frame, ReadOnlySpan<CelValue> arguments)
    {
        var format = arguments[0].AsSpan;
        if (!frame.TryWalk(format.Length))
            return frame.Stopped();
        var items = new ListReader(arguments[1], frame.Arena);
        var text = new TextBuilder(frame.Arena, format.Length + 32);
        for (var next = format.IndexOf((byte)'%'); next >= 0; next = format.IndexOf((byte)'%'))
        {
            text.Append(format[..next]);
            format = format[(next + 1)..];
            if (format.StartsWith("%"u8))
                text.Append((byte)'%');
            else if (FillVerb(ref text, ref format, ref items, frame) is { } error)
                return CelValue.Of(error);
            format = format[1..];
        }
        text.Append(format);
        return text.ToValue();
    }

    /// <summary>Writes the next item as the verb says that begins behind the percent sign; stops at its letter.</summary>
    private static CelError? FillVerb(ref TextBuilder text, ref ReadOnlySpan<byte> format, ref ListReader items, Frame frame)
    {
        var precision = DefaultPrecision;
        if (format.StartsWith("."u8))
        {
            var digits = format[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits < 0)
                return s_end;
            if (!int.TryParse(format.Slice(1, digits), System.Globalization.NumberStyles.None, null, out precision) || precision > MaxPrecision)
                return s_precision;
            format = format[(1 + digits)..];
        }
        if (format.IsEmpty)
            return s_end;
        if (!frame.TryStep())
            return frame.Halted;
        if (!items.Next(out var item))
            return s_few;
        if (item.IsError)
            return item.Error;
        return format[0] switch
        {
            (byte)'s' => AppendText(ref text, item, frame),
            (byte)'d' => AppendInteger(ref text, item),
            (byte)'f' => AppendNumber(ref text, item, 'F', precision),
            (byte)'e' => AppendNumber(ref text, item, 'E', precision),
            (byte)'b' => AppendDigits(ref text, item.Kind == CelKind.Bool ? CelValue.Of(item.AsInt) : item, 1, isUpper: false, s_binary),
            (byte)'o' => AppendDigits(ref text, item, 3, isUpper: false, s_octal),
            (byte)'x' or (byte)'X' => AppendHex(ref text, item, format[0] == 'X', frame),
            _ => s_verb,
        };
    }

    /// <summary>Any value as text, without quotes. Maps are in the order of their keys as text.</summary>
    private static CelError? AppendText(ref TextBuilder text, in CelValue value, Frame frame)
    {
        switch (value.Kind)
        {
            case CelKind.Null:
                text.Append("null"u8);
                return null;
            case CelKind.Bool:
                text.Append(value.IsTrue ? "true"u8 : "false"u8);
                return null;
            case CelKind.String or CelKind.Bytes:
                if (!frame.TryWalk(value.AsSpan.Length))
                    return frame.Halted;
                text.Append(value.AsSpan);
                return null;
            case CelKind.Timestamp:
                TimeText.AppendTimestamp(ref text, value);
                return null;
            case CelKind.Duration:
                TimeText.AppendDuration(ref text, value);
                return null;
            case CelKind.Type:
                var name = value.AsType.Name;
                text.Advance(System.Text.Encoding.UTF8.TryGetBytes(name, text.Room(name.Length * 3), out var length) ? length : 0);
                return null;
            case CelKind.List:
                return AppendList(ref text, value, frame);
            case CelKind.Map:
                return AppendMap(ref text, value, frame);
            case CelKind.Optional:
                return s_text;
            default:
                return AppendInteger(ref text, value);
        }
    }

    private static CelError? AppendList(ref TextBuilder text, in CelValue list, Frame frame)
    {
        var items = new ListReader(list, frame.Arena);
        text.Append((byte)'[');
        for (var first = true; items.Next(out var item); first = false)
        {
            if (!first)
                text.Append(", "u8);
            if (!frame.TryStep())
                return frame.Halted;
            if (item.IsError)
                return item.Error;
            if (AppendText(ref text, item, frame) is { } error)
                return error;
        }
        text.Append((byte)']');
        return null;
    }

    private static CelError? AppendMap(ref TextBuilder text, in CelValue map, Frame frame)
    {
        var arena = frame.Arena;
        var bottom = arena.StackTop;
        var error = PushEntries(map, frame);
        if (error is null && !StableSort.TrySort(bottom, frame))
            error = frame.Halted;
        text.Append((byte)'{');
        var count = (arena.StackTop - bottom) / 2;
        for (var i = 0; i < count && error is null; i++)
        {
            if (i > 0)
                text.Append(", "u8);
            text.Append(arena.Above(bottom)[i].AsSpan);
            text.Append(": "u8);
            error = AppendText(ref text, arena.Above(bottom)[count + i], frame);
        }
        text.Append((byte)'}');
        arena.Drop(bottom);
        return error;
    }

    /// <summary>Pushes the keys of a map as texts, then its values.</summary>
    private static CelError? PushEntries(in CelValue map, Frame frame)
    {
        var entries = new MapReader(map, frame.Arena);
        while (entries.NextKey(out var key))
        {
            if (!frame.TryStep())
                return frame.Halted;
            if (key.Kind != CelKind.String)
            {
                var name = new TextBuilder(frame.Arena, 24);
                if (AppendText(ref name, key, frame) is { } noName)
                    return key.Error ?? noName;
                key = name.ToValue();
            }
            if (key.IsError)
                return key.Error;
            frame.Arena.Push(key);
        }
        entries = new MapReader(map, frame.Arena);
        while (entries.Next(out _, out var value))
        {
            if (value.IsError)
                return value.Error;
            frame.Arena.Push(value);
        }
        return frame.Halted;
    }

    private static CelError? AppendInteger(ref TextBuilder text, in CelValue value)
    {
        int length;
        switch (value.Kind)
        {
            case CelKind.Int:
                text.Advance(value.AsInt.TryFormat(text.Room(20), out length) ? length : 0);
                return null;
            case CelKind.UInt:
                text.Advance(value.AsUInt.TryFormat(text.Room(20), out length) ? length : 0);
                return null;
            case CelKind.Double:
                NumberText.AppendDouble(ref text, value.AsDouble);
                return null;
            case CelKind.Decimal:
                text.Advance(value.AsDecimal.TryFormat(text.Room(32), out length) ? length : 0);
                return null;
            default:
                return s_integer;
        }
    }

    private static CelError? AppendNumber(ref TextBuilder text, in CelValue value, char form, int precision)
    {
        switch (value.Kind)
        {
            case CelKind.Int:
                NumberText.AppendRounded(ref text, (double)value.AsInt, form, precision);
                return null;
            case CelKind.UInt:
                NumberText.AppendRounded(ref text, (double)value.AsUInt, form, precision);
                return null;
            case CelKind.Double:
                NumberText.AppendRounded(ref text, value.AsDouble, form, precision);
                return null;
            case CelKind.Decimal when form == 'F':
                NumberText.AppendRounded(ref text, value.AsDecimal, precision);
                return null;
            case CelKind.Decimal:
                NumberText.AppendRounded(ref text, (double)value.AsDecimal, form, precision);
                return null;
            default:
                return s_number;
        }
    }

    private static CelError? AppendHex(ref TextBuilder text, in CelValue value, bool isUpper, Frame frame)
    {
        if (value.Kind is not (CelKind.String or CelKind.Bytes))
            return AppendDigits(ref text, value, 4, isUpper, s_hex);
        if (!frame.TryWalk(value.AsSpan.Length))
            return frame.Halted;
        foreach (var unit in value.AsSpan)
        {
            text.Append(NumberText.Digit(unit >> 4, isUpper));
            text.Append(NumberText.Digit(unit & 0xF, isUpper));
        }
        return null;
    }

    private static CelError? AppendDigits(ref TextBuilder text, in CelValue value, int bits, bool isUpper, CelError error)
    {
        if (value.Kind is not (CelKind.Int or CelKind.UInt))
            return error;
        var isNegative = value.Kind == CelKind.Int && value.AsInt < 0;
        if (isNegative)
            text.Append((byte)'-');
        NumberText.AppendPower(ref text, isNegative ? 0 - value.AsUInt : value.AsUInt, bits, isUpper);
        return null;
    }
}
