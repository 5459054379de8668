using System.Text.RegularExpressions;

namespace Weft.Server.Eval;

/// <summary>Reads expressions line by line and writes their values. An error does not end it; when no person reads along, the exit code tells of it.</summary>
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

    private bool _failed;

    /// <summary>Runs until the end of the input.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (isTerminal)
            terminal.Out.WriteLine("Expressions of Weft (CEL). :help says what can be done here.");
        while (Read() is { } line)
        {
            var text = line.Trim();
            if (text is ":quit" or ":q" || (IsWord(text) && text is "quit" or "exit"))
                break;
            if (text.Length > 0)
                Answer(text);
        }
        return _failed && !isTerminal ? ExitCode.Failed : ExitCode.Fine;
    }

    /// <summary>Whether a word is no variable, so that it can mean something to the prompt.</summary>
    private bool IsWord(string text) => !session.Variables.ContainsKey(text);

    private string? Read()
    {
        if (isTerminal)
            terminal.Out.Write("> ");
        return input.ReadLine();
    }

    private void Answer(string text)
    {
        if (text == ":help" || (text is "help" or "?" && IsWord(text)))
            terminal.Out.WriteLine(Help);
        else if (text == ":vars")
            foreach (var (name, value) in session.Variables)
                terminal.Out.WriteLine($"{name} = {value}");
        else if (Takes(":why", text) is { } explained)
            _failed |= session.Explain(explained, terminal) != ExitCode.Fine;
        else if (Takes(":type", text) is { } typed)
            _failed |= session.Type(typed, terminal) != ExitCode.Fine;
        else if (text[0] == ':')
            Refuse($"'{text}' is no command. There are :why EXPR, :type EXPR, :vars, :help and :quit.");
        else if (Assignment().Match(text) is { Success: true } assignment)
            Set(assignment.Groups["name"].Value, assignment.Groups["value"].Value);
        else
            _failed |= session.Evaluate(text, asJson: false, terminal) != ExitCode.Fine;
    }

    /// <summary>The expression behind a command; null when it is another one.</summary>
    private static string? Takes(string command, string text) => text.StartsWith(command + " ", StringComparison.Ordinal) ? text[(command.Length + 1)..] : null;

    private void Refuse(string why)
    {
        terminal.Error.WriteLine(why);
        _failed = true;
    }

    private void Set(string name, string expression)
    {
        if (session.Value(expression, terminal) is { } value)
            session.Set(name, value);
        else
            _failed = true;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(?<value>.+)$")]
    private static partial Regex Assignment();
}
