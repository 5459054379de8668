using System.Text;
using Weft.Diagnostics;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Yaml.Reading;

/// <summary>
/// Fills in <c>${VAR}</c>, <c>${VAR:-default}</c> and <c>${VAR:?message}</c> (without the colon an empty value counts as set), as docker compose
/// does; <c>$${</c> stands for <c>${</c>. What comes in is text, never YAML.
/// </summary>
internal sealed class Variables(ReadSettings settings, List<OptionsProblem> problems)
{
    private const int MaxNesting = 8;

    private readonly SortedSet<string> _unset = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Unset => [.. _unset];

    /// <summary>The scalar with its variables filled in; itself when there are none.</summary>
    public Node Fill(Node scalar)
    {
        if (!scalar.Text.Contains("${", StringComparison.Ordinal))
            return scalar;
        var filling = new Filling(this, scalar);
        var text = filling.Expand(scalar.Text, 0);
        return scalar with { Text = text, Written = scalar.Text, Style = NodeStyle.Text, IsHole = filling.IsUnknown };
    }

    private sealed class Filling(Variables owner, Node scalar)
    {
        /// <summary>True when something could not be filled in.</summary>
        public bool IsUnknown { get; private set; }

        public string Expand(string text, int nesting)
        {
            if (nesting > MaxNesting)
            {
                Wrong($"variables are nested more than {MaxNesting} deep.");
                return "";
            }
            var result = new StringBuilder();
            for (var i = 0; i < text.Length;)
            {
                if (text.AsSpan(i).StartsWith("$${"))
                {
                    result.Append("${");
                    i += 3;
                }
                else if (text.AsSpan(i).StartsWith("${"))
                {
                    var end = Close(text, i + 2);
                    if (end < 0)
                    {
                        Wrong("a ${ is not closed by }. Write $${ for a ${ that is meant as it is.");
                        return "";
                    }
                    result.Append(Value(text[(i + 2)..end], nesting));
                    i = end + 1;
                }
                else
                {
                    result.Append(text[i++]);
                }
            }
            return result.ToString();
        }

        /// <summary>The position of the } that closes, past those of variables within; -1 when there is none.</summary>
        private static int Close(string text, int from)
        {
            var open = 1;
            for (var i = from; i < text.Length; i++)
            {
                if (text[i] == '}' && --open == 0)
                    return i;
                if (text[i] == '{' && text[i - 1] == '$' && i > from)
                    open++;
            }
            return -1;
        }

        private string Value(string inner, int nesting)
        {
            var length = 0;
            while (length < inner.Length && (char.IsAsciiLetterOrDigit(inner[length]) || inner[length] == '_'))
                length++;
            var (name, rest) = (inner[..length], inner[length..]);
            var orEmpty = rest.StartsWith(':');
            var form = orEmpty ? rest[1..] : rest;
            if (length == 0 || char.IsAsciiDigit(name[0]) || (rest.Length > 0 && form is not ['-' or '?', ..]))
            {
                Wrong($"'${{{DisplayText.Of(inner)}}}' is no variable. Allowed: ${{NAME}}, ${{NAME:-default}}, ${{NAME:?message}}; $${{ for a ${{ that is meant as it is.");
                return "";
            }
            var value = owner.Look(name);
            if (value is not null && !(orEmpty && value.Length == 0))
                return value;
            if (form.StartsWith('-'))
                return Expand(form[1..], nesting + 1);
            Missing(name, form.StartsWith('?') ? form[1..] : null);
            return "";
        }

        private void Missing(string name, string? message)
        {
            IsUnknown = true;
            if (!owner.Allow(name))
                owner.Report(ProblemCodes.VariableNotSet, scalar, string.IsNullOrWhiteSpace(message)
                    ? $"The variable {name} is not set. Set it, or give a default: ${{{name}:-value}}."
                    : $"The variable {name} is not set: {DisplayText.Of(message.Trim())}.");
        }

        private void Wrong(string why)
        {
            IsUnknown = true;
            owner.Report(ProblemCodes.VariableSyntax, scalar, $"Here {why}");
        }
    }

    private string? Look(string name) => settings.Variables(name);

    private bool Allow(string name)
    {
        if (!settings.RequireVariables)
            _unset.Add(name);
        return !settings.RequireVariables;
    }

    private void Report(EventCode code, Node scalar, string message) =>
        problems.Add(new(code, "", DisplayText.Of(scalar.Text), message) { Place = scalar.Place });
}
