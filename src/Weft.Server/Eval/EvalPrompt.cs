using System.Text.RegularExpressions;

namespace Weft.Server.Eval;

/// <summary>Reads expressions line by line and writes their values. An error does not end it.</summary>
internal sealed partial class EvalPrompt(EvalSession session, Terminal terminal, TextReader input, bool isTerminal)
{
    private const string Help = """
        An expression is evaluated:      [1, 2].map(x, x * 2)
        name = EXPR sets a variable:     order = {'total': 1200}
        :why EXPR   the value of each part
        :type EXPR  the type
        :vars       the variables
        :quit       ends, as the end of the input does
        """;

    /// <summary>Runs until the end of the input.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (isTerminal)
            terminal.Out.WriteLine("Expressions of Weft (CEL). :help says what can be done here.");
        while (Read() is { } line)
        {
            var text = line.Trim();
            if (text is ":quit" or ":q")
                break;
            if (text.Length > 0)
                Answer(text);
        }
        return ExitCode.Fine;
    }

    private string? Read()
    {
        if (isTerminal)
            terminal.Out.Write("> ");
        return input.ReadLine();
    }

    private void Answer(string text)
    {
        if (text == ":help")
            terminal.Out.WriteLine(Help);
        else if (text == ":vars")
            foreach (var (name, value) in session.Variables)
                terminal.Out.WriteLine($"{name} = {value}");
        else if (text.StartsWith(":why ", StringComparison.Ordinal))
            session.Explain(text[5..], terminal);
        else if (text.StartsWith(":type ", StringComparison.Ordinal))
            session.Type(text[6..], terminal);
        else if (text[0] == ':')
            terminal.Error.WriteLine($"'{text}' is no command. There are :why, :type, :vars, :help and :quit.");
        else if (Assignment().Match(text) is { Success: true } assignment)
            Set(assignment.Groups["name"].Value, assignment.Groups["value"].Value);
        else
            session.Evaluate(text, asJson: false, terminal);
    }

    private void Set(string name, string expression)
    {
        if (session.Value(expression, terminal) is { } value)
            session.Set(name, value);
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(?<value>.+)$")]
    private static partial Regex Assignment();
}
