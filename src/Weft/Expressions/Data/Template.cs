using Weft.Expressions.Checking;
using Weft.Expressions.Planning;
using Weft.Expressions.Syntax;

namespace Weft.Expressions.Data;

/// <summary>
/// Text with holes: <c>/orders/{path.id}?region={vars.region}</c>. A hole is an expression; what it gives is escaped for the place it stands
/// in, so that no value can break out of it. <c>{{</c> and <c>}}</c> stand for braces.
/// </summary>
internal static class Template
{
    /// <summary>Compiles a template.</summary>
    /// <param name="text">The text with its holes.</param>
    /// <param name="place">Where the whole text is used.</param>
    /// <param name="scope">What the holes may use.</param>
    /// <param name="slots">Gets the inputs that they read.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="problems">Gets what is wrong, with its place in the whole text.</param>
    /// <param name="tail">
    /// The name of the rest of the path that the route matched, such as <c>rest</c>: the hole <c>{path.rest}</c> is that rest as it was written, with its slashes and
    /// escapes. It is read from the slot <c>path['*rest']</c>.
    /// </param>
    /// <returns>A plan whose value is the text; null when there are errors.</returns>
    public static Plan? Compile(string text, TemplatePlace place, Scope scope, SlotTable slots, CelLimits limits, ICollection<CelProblem> problems, string? tail = null)
    {
        if (place != TemplatePlace.Text && text.AsSpan().IndexOfAnyInRange('\0', '\x1f') is >= 0 and var control)
        {
            problems.Add(new CelProblem(control, 1, $"{Lexer.Show(text.AsSpan(control, 1))} cannot stand in a URL or header. Write the template on one line."));
            return null;
        }
        var pieces = new List<TemplatePiece>();
        var literal = new System.Text.StringBuilder();
        var isQuery = false;
        var locals = 0;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] is '{' or '}' && i + 1 < text.Length && text[i + 1] == text[i])
            {
                literal.Append(text[i]);
                i += 2;
            }
            else if (text[i] == '{')
            {
                if (Hole(text, i, scope, slots, limits, problems, out var end) is not { } hole)
                    return null;
                Flush();
                var escape = Escape(hole);
                if (escape == HoleEscape.Segments)
                    hole = Compiler.Compile($"path['*{tail}']", scope, slots, limits, problems)!;
                var endsSegment = place == TemplatePlace.Url && !isQuery && escape == HoleEscape.Part && (end == text.Length || text[end] is '/' or '?');
                pieces.Add(new TemplatePiece(hole.Plan.Root, text[i..end], escape, endsSegment));
                locals = Math.Max(locals, hole.Plan.Locals);
                i = end;
            }
            else if (text[i] == '}')
            {
                problems.Add(new CelProblem(i, 1, "This } closes nothing. Write }} for a brace that is meant as it is."));
                return null;
            }
            else
            {
                isQuery |= text[i] == '?';
                literal.Append(text[i++]);
            }
        }
        Flush();
        return new Plan(new TemplateNode([.. pieces], place), locals);

        HoleEscape Escape(Compiled hole) => place switch
        {
            TemplatePlace.Text => HoleEscape.None,
            TemplatePlace.HeaderValue => HoleEscape.Header,
            TemplatePlace.Url when !isQuery && tail is not null && IsField(hole.Tree, "path", tail) => HoleEscape.Segments,
            _ => HoleEscape.Part,
        };

        void Flush()
        {
            if (literal.Length > 0)
                pieces.Add(new TemplatePiece(new ConstantNode(CelValue.Of(literal.ToString())), null, HoleEscape.None));
            literal.Clear();
        }
    }

    private static bool IsField(Expr tree, string variable, string field) =>
        tree is SelectExpr { IsTest: false, Operand: NameExpr name } select && name.Name == variable && select.Field == field;

    private static Compiled? Hole(string text, int open, Scope scope, SlotTable slots, CelLimits limits, ICollection<CelProblem> problems, out int end)
    {
        var found = new List<CelProblem>();
        end = Lexer.FindClose(text, open + 1, found) + 1;
        if (end == 0)
        {
            problems.Add(found.Count > 0 ? found[0] : new CelProblem(open, 1, "This { opens a hole that no } closes. Write {{ for a brace that is meant as it is."));
            return null;
        }
        var expression = text[(open + 1)..(end - 1)];
        if (string.IsNullOrWhiteSpace(expression))
        {
            problems.Add(new CelProblem(open, end - open, "The hole is empty. Put an expression between { and }, or write {{}} for braces."));
            return null;
        }
        var compiled = Compiler.Compile(expression, scope, slots, limits, found);
        foreach (var problem in found)
            problems.Add(problem with { Start = problem.Start + open + 1 });
        if (compiled?.Type.Kind is not (CelTypeKind.List or CelTypeKind.Map or CelTypeKind.Null or CelTypeKind.Bytes or CelTypeKind.Type))
            return compiled;
        problems.Add(new CelProblem(open + 1, expression.Length, $"A hole takes a text, a number, a bool or a time; this is of type {compiled.Type}."));
        return null;
    }
}

/// <summary>Where the text of a template is used, which decides how values are escaped.</summary>
internal enum TemplatePlace
{
    /// <summary>Nowhere special: values stand as they are.</summary>
    Text,

    /// <summary>
    /// A path with or without a query (RFC 3986). Before the <c>?</c> a value is a part of one segment, behind it a part of one value of the
    /// query: everything but unreserved characters is percent-encoded. Segments <c>.</c> and <c>..</c> and segments that a value leaves empty are refused.
    /// Only the rest of the path that the route matched may be several segments, or none.
    /// </summary>
    Url,

    /// <summary>A part of one value of the query of a URL.</summary>
    QueryValue,

    /// <summary>
    /// The value of a header (RFC 9110, section 5.5). Control characters are refused; what is not ASCII is percent-encoded.
    /// </summary>
    HeaderValue,
}

/// <summary>What becomes of the value of a hole.</summary>
internal enum HoleEscape : byte
{
    /// <summary>It stands as it is.</summary>
    None,

    /// <summary>Everything but unreserved characters (RFC 3986, section 2.3) is percent-encoded.</summary>
    Part,

    /// <summary>Slashes, escapes and whatever a segment may have (RFC 3986, section 3.3) stay; the rest is percent-encoded.</summary>
    Segments,

    /// <summary>Control characters are refused, and what is not ASCII is percent-encoded.</summary>
    Header,
}
