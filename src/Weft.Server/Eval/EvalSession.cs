using System.Text;
using System.Text.Json;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Tracing;

namespace Weft.Server.Eval;

/// <summary>Variables with their values, and what can be tried on them.</summary>
internal sealed class EvalSession
{
    private readonly Dictionary<string, CelValue> _variables = new(StringComparer.Ordinal);

    /// <summary>The names and values, in the order in which they were set.</summary>
    public IReadOnlyDictionary<string, CelValue> Variables => _variables;

    /// <summary>Reads variables from a JSON file.</summary>
    /// <exception cref="CommandException">It cannot be read, or is no JSON map.</exception>
    public void Load(string file)
    {
        byte[] json;
        try
        {
            if (file == "-")
            {
                using var all = new MemoryStream();
                using var input = Console.OpenStandardInput();
                input.CopyTo(all);
                json = all.ToArray();
            }
            else
            {
                json = File.ReadAllBytes(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"The data cannot be read: {e.Message}");
        }
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw CommandException.Usage($"{file} holds no JSON map. Each of its entries is a variable; a CloudEvent is the variable 'event'.");
            if (IsEvent(document.RootElement))
                _variables["event"] = Json(document.RootElement);
            else
                foreach (var entry in document.RootElement.EnumerateObject())
                    _variables[entry.Name] = Json(entry.Value);
        }
        catch (JsonException e)
        {
            throw new CommandException(ExitCode.Failed, $"{file} is no JSON: {e.Message}");
        }
    }

    /// <summary>Sets a variable from <c>name=JSON</c>.</summary>
    /// <exception cref="CommandException">It has no name.</exception>
    public void Set(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw CommandException.Usage($"--var takes NAME=JSON, such as --var total=7; this is '{assignment}'.");
        var text = assignment[(equals + 1)..];
        try
        {
            _variables[assignment[..equals]] = CelValue.FromJson(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException)
        {
            _variables[assignment[..equals]] = CelValue.From(text);
        }
    }

    /// <summary>Sets a variable.</summary>
    public void Set(string name, in CelValue value) => _variables[name] = value;

    /// <summary>Writes the value of an expression.</summary>
    /// <returns>The exit code.</returns>
    public int Evaluate(string text, bool asJson, Terminal terminal)
    {
        if (TryCompile(text, terminal) is not { } compiled)
            return ExitCode.Failed;
        var frame = NewFrame(compiled.Slots, compiled.Rule.Plan.Locals);
        var value = compiled.Rule.Plan.Evaluate(frame);
        if (value.IsError)
            return Fail(terminal, value.Error!);
        if (!asJson)
        {
            terminal.Out.WriteLine(value.ToString());
            return ExitCode.Fine;
        }
        using var buffer = new JsonBuffer();
        if (buffer.Write(compiled.Rule.Plan, frame, out var json) is { } error)
            return Fail(terminal, error);
        terminal.Out.WriteLine(Encoding.UTF8.GetString(json.Span));
        return ExitCode.Fine;
    }

    /// <summary>The value of an expression; null when there is none, which was said.</summary>
    public CelValue? Value(string text, Terminal terminal)
    {
        if (TryCompile(text, terminal) is not { } compiled)
            return null;
        var value = compiled.Rule.Plan.Evaluate(NewFrame(compiled.Slots, compiled.Rule.Plan.Locals));
        if (!value.IsError)
            return value;
        Fail(terminal, value.Error!);
        return null;
    }

    /// <summary>Writes the type of an expression.</summary>
    public int Type(string text, Terminal terminal)
    {
        if (TryCompile(text, terminal) is not { } compiled)
            return ExitCode.Failed;
        terminal.Out.WriteLine(compiled.Rule.Type.ToString());
        return ExitCode.Fine;
    }

    /// <summary>Writes the value of each part of an expression.</summary>
    public int Explain(string text, Terminal terminal)
    {
        if (TryCompile(text, terminal) is not { } compiled)
            return ExitCode.Failed;
        var trace = Trace.Of(text, compiled.Rule.Tree, Fill, out var value);
        terminal.Out.Write(trace.ToString());
        return value.IsError ? Fail(terminal, value.Error!) : ExitCode.Fine;
    }

    /// <summary>Fills a template.</summary>
    public int Template(string text, TemplatePlace place, Terminal terminal)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var plan = Expressions.Data.Template.Compile(text, place, Scope(), slots, CelLimits.Default, problems);
        if (plan is null)
            return Fail(text, problems, terminal);
        var value = plan.Evaluate(NewFrame(slots, plan.Locals));
        if (value.IsError)
            return Fail(terminal, value.Error!);
        terminal.Out.WriteLine((string)value.ToObject()!);
        return ExitCode.Fine;
    }

    private (Compiled Rule, SlotTable Slots)? TryCompile(string text, Terminal terminal)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var compiled = Compiler.Compile(text, Scope(), slots, CelLimits.Default, problems);
        if (problems.Count > 0)
            Fail(text, problems, terminal);
        return compiled is null ? null : (compiled, slots);
    }

    private Scope Scope() => new(Libraries.All, _variables.Keys.Select(name => new VariableDeclaration(name, CelType.Dyn)));

    private Frame NewFrame(SlotTable slots, int locals)
    {
        var frame = new Frame(slots.Paths.Count, locals, CelLimits.Default);
        Fill(slots, frame);
        return frame;
    }

    private void Fill(SlotTable slots, Frame frame)
    {
        foreach (var path in slots.Paths)
            frame.Slots[path.Number] = _variables[path.Variable];
    }

    private static bool IsEvent(JsonElement json) => ((string[])["specversion", "id", "source", "type"]).All(name => json.TryGetProperty(name, out _));

    private static CelValue Json(JsonElement json) => CelValue.FromJson(Encoding.UTF8.GetBytes(json.GetRawText()));

    private static int Fail(Terminal terminal, CelError error)
    {
        terminal.Error.WriteLine($"error: {error.Message}");
        return ExitCode.Failed;
    }

    private static int Fail(string text, List<CelProblem> problems, Terminal terminal)
    {
        terminal.Error.WriteLine(CelException.Show(text, problems));
        return ExitCode.Failed;
    }
}
