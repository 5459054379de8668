using Weft.Options;

namespace Weft.Yaml.Reading;

/// <summary>
/// Finds where a stretch of the value of a scalar stands in the file: YAML folds lines, removes indentation and undoes escapes, so that an
/// offset in the value is none in the file.
/// </summary>
internal sealed class ScalarPlace
{
    private readonly SourceFiles _sources;
    private readonly OptionsPlace _scalar;
    private readonly string _text;
    private readonly char _style;
    private readonly int _indentation;
    private int _line;
    private int _column;
    private int _at;

    private ScalarPlace(OptionsPlace scalar, string text, SourceFiles sources)
    {
        (_scalar, _text, _sources) = (scalar, text, sources);
        (_line, _column) = (scalar.Line, scalar.Column - 1);
        SkipAnchor();
        _style = _column < Line.Length ? Line[_column] : '\0';
        if (_style is '"' or '\'')
            _column++;
        else if (!IsBlock)
            _style = ' ';
        if (IsBlock)
        {
            _indentation = Indentation();
            NextLine();
        }
    }

    private string Line => _sources.Line(_scalar.File, _line) ?? "";

    /// <summary>The place of a stretch of the value; that of the whole scalar when value and file cannot be brought together.</summary>
    /// <param name="scalar">Where the scalar stands, with its quotes or block sign.</param>
    /// <param name="text">Its value.</param>
    /// <param name="start">Where the stretch begins in the value.</param>
    /// <param name="length">How long it is; 0 gives the place of one character.</param>
    /// <param name="sources">The files.</param>
    public static OptionsPlace Of(OptionsPlace scalar, string text, int start, int length, SourceFiles sources)
    {
        var walk = new ScalarPlace(scalar, text, sources);
        if (!walk.TryGoTo(start))
            return scalar;
        var (line, column) = (walk._line, walk._column);
        if (!walk.TryGoTo(start + Math.Max(1, length)))
            return new(scalar.File, line, column + 1, line, column + 2);
        return new(scalar.File, line, column + 1, walk._line, Math.Max(walk._column + 1, walk._line == line ? column + 2 : 1));
    }

    /// <summary>Goes on to a character of the value; false when the file has something else than the value says.</summary>
    private bool TryGoTo(int offset)
    {
        while (_at < Math.Min(offset, _text.Length))
        {
            if (!TryPass(_text[_at]))
                return false;
            _at++;
        }
        SkipContinuation();
        return offset <= _text.Length + 1;
    }

    private bool TryPass(char c)
    {
        SkipContinuation();
        var line = Line;
        if (_style == '"' && _column < line.Length && line[_column] == '\\')
            return TryPassEscape(line);
        if (_column < line.Length && line[_column] == c && !(c == ' ' && IsFolded(line)))
        {
            _column += _style == '\'' && c == '\'' ? 2 : 1;
            return true;
        }
        if (c is not (' ' or '\n') || !line.AsSpan(Math.Min(_column, line.Length)).IsWhiteSpace() || (_line >= _scalar.EndLine && !IsBlock))
            return false;
        var blanks = BlankLines();
        NextLine();
        // Where lines are folded, each blank line stands for one line feed, and the end of the line before them for none.
        if (c == '\n' && !line.AsSpan().IsWhiteSpace() && LineFeeds() == blanks)
            NextLine();
        return true;
    }

    private int LineFeeds()
    {
        var end = _text.AsSpan(_at).IndexOfAnyExcept('\n');
        return end < 0 ? _text.Length - _at : end;
    }

    /// <summary>How many blank lines follow.</summary>
    private int BlankLines()
    {
        var count = 0;
        while (_line + count + 1 <= _scalar.EndLine && (_sources.Line(_scalar.File, _line + count + 1) ?? "x").AsSpan().IsWhiteSpace())
            count++;
        return count;
    }

    private bool IsBlock => _style is '|' or '>';

    /// <summary>Whether only white space is left of a line that YAML folds into the next one.</summary>
    private bool IsFolded(string line) => !IsBlock && _line < _scalar.EndLine && line.AsSpan(_column).IsWhiteSpace();

    private bool TryPassEscape(string line)
    {
        var code = _column + 1 < line.Length ? line[_column + 1] : '\0';
        var length = code switch { 'x' => 4, 'u' => 6, 'U' => 10, '\0' => 0, _ => 2 };
        _column += length;
        return length > 0 && _column <= line.Length;
    }

    /// <summary>A backslash at the end of a line in double quotes joins it with the next one.</summary>
    private void SkipContinuation()
    {
        while (_style == '"' && _line < _scalar.EndLine && Line.AsSpan(Math.Min(_column, Line.Length)) is ['\\'])
            NextLine();
    }

    /// <summary>Goes to the next line, behind its indentation.</summary>
    private void NextLine()
    {
        _line++;
        var line = Line;
        var blank = line.Length - line.AsSpan().TrimStart(' ').Length;
        _column = IsBlock ? Math.Min(_indentation, blank) : blank;
    }

    /// <summary>How far the lines of a block are indented: as far as the first that is not blank.</summary>
    private int Indentation()
    {
        for (var line = _line + 1; _sources.Line(_scalar.File, line) is { } text; line++)
        {
            if (!text.AsSpan().IsWhiteSpace())
                return text.Length - text.AsSpan().TrimStart(' ').Length;
        }
        return 0;
    }

    private void SkipAnchor()
    {
        while (_column < Line.Length && Line[_column] is '&' or '!')
        {
            var end = Line.AsSpan(_column).IndexOf(' ');
            if (end < 0)
                return;
            _column += end;
            _column += Line.AsSpan(_column).IndexOfAnyExcept(' ');
        }
    }
}
