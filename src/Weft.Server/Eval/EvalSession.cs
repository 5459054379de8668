using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Data;
using Weft.Expressions.Library;
using Weft.Expressions.Planning;
using Weft.Expressions.Tracing;
using Weft.Messages;

namespace Weft.Server.Eval;

/// <summary>Variables with their values, and what can be tried on them.</summary>
internal sealed partial class EvalSession
{
    private readonly Dictionary<string, CelValue> _variables = new(StringComparer.Ordinal);

    /// <summary>The names and values, in the order in which they were set.</summary>
    public IReadOnlyDictionary<string, CelValue> Variables => _variables;

    /// <summary>Reads variables from a JSON file: a CloudEvent as the one that expressions of a topic see, or the entries of a map.</summary>
    /// <exception cref="CommandException">It cannot be read, or is no JSON map.</exception>
    public void Load(string file)
    {
        var json = JsonFile.Read(file);
        using var document = JsonFile.Parse(file, json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw CommandException.Usage($"{JsonFile.Name(file)} holds no JSON map. Each of its entries is a variable; a CloudEvent is the variable 'event'.");
        if (IsEvent(document.RootElement))
        {
            if (!CloudEventHttp.TryReadStructured(json.Span, out var message, out var error))
                throw CommandException.Usage($"{JsonFile.Name(file)} has the attributes of a CloudEvent and is none: {error}");
            _variables[EventSlots.Name] = CelValue.Map(new EventMap(message, new Arena { MaxBytes = long.MaxValue }));
            return;
        }
        // Of a name that is there twice the first counts, as everywhere in expressions.
        foreach (var entry in document.RootElement.EnumerateObject())
            _variables.TryAdd(entry.Name, CelValue.FromJson(Encoding.UTF8.GetBytes(entry.Value.GetRawText())));
    }

    /// <summary>Sets variables from <c>name=JSON</c>, over those of the data.</summary>
    /// <exception cref="CommandException">A name is missing, is none, or is there twice; or a text looks like JSON and is none.</exception>
    public void Set(IReadOnlyCollection<string> assignments)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : assignment[..equals];
            if (!VariableName().IsMatch(name))
                throw CommandException.Usage($"--var takes NAME=JSON, such as --var total=7, with a name of letters, digits and '_'; this is '{assignment}'.");
            if (!names.Add(name))
                throw CommandException.Usage($"--var gives '{name}' twice. Leave one out.");
            _variables[name] = Read(name, assignment[(equals + 1)..]);
        }
    }

    /// <summary>JSON, or a text as it is unless it was clearly meant as JSON.</summary>
    private static CelValue Read(string name, string text)
    {
        try
        {
            using (JsonDocument.Parse(text))
                return CelValue.FromJson(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException e) when (text.AsSpan().TrimStart() is ['{' or '[' or '"', ..])
        {
            throw CommandException.Usage($"--var {name} begins like JSON and is none: {JsonFile.Reason(e)} Keep the shell from changing it: --var '{name}={{\"a\": 1}}'.");
        }
        catch (JsonException)
        {
            return CelValue.From(text);
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
            return Fail(text, compiled.Rule, value.Error!, terminal);
        if (asJson)
            return WriteJson(compiled.Rule.Plan, frame, terminal);
        terminal.Out.WriteLine(value.ToString());
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
        Fail(text, compiled.Rule, value.Error!, terminal);
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
        return value.IsError ? Fail(text, trace.Locate(value.Error!), terminal) : ExitCode.Fine;
    }

    /// <summary>Fills a template.</summary>
    public int Template(string text, TemplatePlace place, bool asJson, Terminal terminal)
    {
        var problems = new List<CelProblem>();
        var slots = new SlotTable();
        var plan = Expressions.Data.Template.Compile(text, place, Scope(), slots, CelLimits.Default, problems);
        if (plan is null)
            return Fail(text, problems, terminal);
        var frame = NewFrame(slots, plan.Locals);
        var value = plan.Evaluate(frame);
        if (value.IsError)
            return Fail(value.Error!, terminal);
        if (asJson)
            return WriteJson(plan, frame, terminal);
        terminal.Out.WriteLine((string)value.ToObject()!);
        return ExitCode.Fine;
    }

    private static int WriteJson(Plan plan, Frame frame, Terminal terminal)
    {
        using var buffer = new JsonBuffer();
        if (buffer.Write(plan, frame, out var json) is { } error)
            return Fail(error, terminal);
        terminal.Out.WriteLine(Encoding.UTF8.GetString(json.Span));
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

    private Scope Scope() => new(Libraries.All, _variables.Select(v => new VariableDeclaration(v.Key, v.Key == EventSlots.Name && v.Value.Kind == CelKind.Map ? EventSlots.Variable.Type : CelType.Dyn)))
    {
        WhereVariablesComeFrom = "-d FILE brings them, --var NAME=JSON sets one",
    };

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

    /// <summary>Tells an error with the place in the expression that it comes from.</summary>
    private int Fail(string text, Compiled compiled, CelError error, Terminal terminal) =>
        Fail(text, Trace.Of(text, compiled.Tree, Fill, out _).Locate(error), terminal);

    private static int Fail(string text, CelProblem error, Terminal terminal) => Fail(text, [error with { Message = $"error: {error.Message}" }], terminal);

    private static int Fail(CelError error, Terminal terminal)
    {
        terminal.Error.WriteLine($"error: {error.Message}");
        return ExitCode.Failed;
    }

    private static int Fail(string text, IReadOnlyList<CelProblem> problems, Terminal terminal)
    {
        terminal.Error.WriteLine(CelException.Show(text, problems));
        return ExitCode.Failed;
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\z")]
    private static partial Regex VariableName();
}
