using System.Buffers;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Weft.Expressions.Library;

/// <summary>A regular expression of RE2, ready to run: in time linear to the text, whatever pattern and text. Safe for use from many threads.</summary>
internal sealed class CompiledRegex
{
    private const int OnStack = 256;

    private readonly Re2Translation _translation;
    private readonly Regex _regex;
    private readonly Lazy<Re2Program> _program;
    private Re2Machine? _idle;

    private CompiledRegex(Regex regex, Re2Translation translation)
    {
        _regex = regex;
        _translation = translation;
        _program = new(() => new Re2Program(translation.Root, translation.Groups));
    }

    /// <summary>How many groups it remembers, without the whole.</summary>
    public int Groups => _translation.Groups;

    /// <summary>Compiles a pattern. For patterns that data bring, use <see cref="RegexCache"/>.</summary>
    /// <param name="pattern">In the syntax of RE2.</param>
    /// <param name="regex">The result; null when there is none.</param>
    /// <param name="error">What is wrong with the pattern, and what is allowed; empty when it is right.</param>
    public static bool TryCreate(string pattern, out CompiledRegex? regex, out string error)
    {
        regex = null;
        if (!Re2Translator.TryTranslate(pattern, out var translation, out error))
            return false;
        try
        {
            var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            regex = new CompiledRegex(new Regex(translation.Pattern, options), translation);
            return true;
        }
        catch (NotSupportedException)
        {
            // .NET counts its own way: what our count lets through may still be too large for it.
            error = "The regular expression is too large: repeat less, or fewer parts.";
            return false;
        }
    }

    /// <summary>Whether there is a match anywhere in a text. Allocates nothing after the first calls.</summary>
    public CelValue IsMatch(Frame frame, ReadOnlySpan<byte> text)
    {
        if (_translation.LooksWithin)
            return FindsAny(frame, text);
        if (!frame.TryStep(1 + (long)text.Length * (16 + _translation.Size) / 1024))
            return frame.Stopped();
        if (text.Length <= OnStack)
        {
            Span<char> chars = stackalloc char[OnStack];
            return CelValue.Of(IsMatch(text, chars[..text.Length]));
        }
        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        var result = IsMatch(text, rented.AsSpan(0, text.Length));
        ArrayPool<char>.Shared.Return(rented);
        return CelValue.Of(result);
    }

    /// <summary>A machine that finds matches and their groups; <see cref="Return"/> gives it back.</summary>
    public Re2Machine Rent() => Interlocked.Exchange(ref _idle, null) ?? new Re2Machine(_program.Value);

    public void Return(Re2Machine machine) => Volatile.Write(ref _idle, machine);

    /// <summary>Makes a char of each byte: see <see cref="Utf8Pattern"/>.</summary>
    public static void Widen(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var units = System.Runtime.InteropServices.MemoryMarshal.Cast<char, ushort>(chars);
        var i = 0;
        // With sign, a high byte becomes 0xFF80 to 0xFFFF; the mask makes it 0xE080 to 0xE0FF and leaves ASCII as it is.
        const short Mask = unchecked((short)(Utf8Pattern.HighBytes | 0xFF));
        var mask = new Vector<short>(Mask);
        for (; i <= bytes.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.AsVectorSByte(new Vector<byte>(bytes[i..])), out var low, out var high);
            Vector.AsVectorUInt16(low & mask).CopyTo(units[i..]);
            Vector.AsVectorUInt16(high & mask).CopyTo(units[(i + Vector<short>.Count)..]);
        }
        for (; i < bytes.Length; i++)
            units[i] = (ushort)((sbyte)bytes[i] & Mask);
    }

    private bool IsMatch(ReadOnlySpan<byte> text, Span<char> chars)
    {
        Widen(text, chars);
        return _regex.IsMatch(chars);
    }

    private CelValue FindsAny(Frame frame, ReadOnlySpan<byte> text)
    {
        var machine = Rent();
        var found = machine.Find(text, 0, frame);
        Return(machine);
        return frame.Halted is null ? CelValue.Of(found) : frame.Stopped();
    }
}
