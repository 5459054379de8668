using System.CommandLine;
using Weft.Expressions.Data;
using Weft.Server.Eval;

namespace Weft.Server.Commands;

/// <summary><c>weft eval</c>: tries an expression or a template on data, and says why it gives what it gives.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var expression = new Argument<string?>("EXPR") { Description = "The expression (CEL). Without it, a prompt that reads line by line.", DefaultValueFactory = _ => null };
        var data = new Option<string?>("--data", "-d")
        {
            Description = "JSON: a CloudEvent is the variable 'event', of any other map each entry is a variable; '-' reads standard input.",
            HelpName = "FILE",
        };
        var variables = new Option<string[]>("--var") { Description = "A variable as JSON; a text that is no JSON is a text. May be given several times.", HelpName = "NAME=JSON", DefaultValueFactory = _ => [] };
        var kind = new Option<string>("--as") { Description = "What EXPR is: an expression, or a text with {…} holes.", HelpName = "expression|template", DefaultValueFactory = _ => "expression" }.AcceptOnlyFromAmong("expression", "template");
        var place = new Option<string>("--place") { Description = "Where a template is used, which decides how values are escaped.", HelpName = "text|url|query|header", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", "url", "query", "header");
        var explain = new Option<bool>("--explain", "-x") { Description = "Shows the value of each part: why is this false?" };
        var type = new Option<bool>("--type") { Description = "Shows the type in place of the value." };
        var output = CommonOptions.Output();
        var command = new Command("eval", "Tries an expression or a template.") { expression, data, variables, kind, place, explain, type, output };
        command.SetAction(result =>
        {
            var asked = new Asked(
                result.GetValue(expression), result.GetValue(kind) == "template", IsGiven(result, kind), IsGiven(result, place),
                result.GetValue(explain), result.GetValue(type), result.GetValue(output) == "json", result.GetValue(data) == "-");
            if (Misuse(asked) is { } misuse)
                throw CommandException.Usage(misuse);
            var session = new EvalSession();
            if (result.GetValue(data) is { } file)
                session.Load(file);
            session.Set(result.GetValue(variables)!);
            return asked switch
            {
                { Text: null } => new EvalPrompt(session, terminal, Console.In, isTerminal: !Console.IsInputRedirected).Run(),
                { IsTemplate: true } => session.Template(asked.Text, Place(result.GetValue(place)!), asked.AsJson, terminal),
                { Type: true } => session.Type(asked.Text, terminal),
                { Explain: true } => session.Explain(asked.Text, terminal),
                _ => session.Evaluate(asked.Text, asked.AsJson, terminal),
            };
        });
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    internal sealed record Asked(string? Text, bool IsTemplate, bool HasKind, bool HasPlace, bool Explain, bool Type, bool AsJson, bool ReadsInput);

    /// <summary>Why options make no sense together, and what to do; null when they do.</summary>
    private static string? Misuse(Asked asked) => asked switch
    {
        { Text: null, ReadsInput: true } => "Standard input cannot be both the data and the prompt. Give an EXPR, or the data in a file.",
        { Text: null, Explain: true } => "-x explains an EXPR, and none is given. Give one; in the prompt write :why EXPR.",
        { Text: null, Type: true } => "--type shows the type of an EXPR, and none is given. Give one; in the prompt write :type EXPR.",
        { Text: null } and ({ HasKind: true } or { HasPlace: true } or { AsJson: true }) =>
            "--as, --place and -o json say how an EXPR is read and written, and none is given. Give one, or leave them out: the prompt takes expressions and writes text.",
        { IsTemplate: true } and ({ Explain: true } or { Type: true }) =>
            "-x and --type are for expressions; a template is always a text. Leave them out, or give what stands in a hole as the EXPR, without --as template.",
        { IsTemplate: false, HasPlace: true } => "--place says where a template is used, and EXPR is an expression. Add --as template, or leave --place out.",
        { Explain: true, Type: true } => "-x shows values and --type shows the type. Leave one of them out.",
        { AsJson: true } and ({ Explain: true } or { Type: true }) => "-o json writes the value, which -x and --type do not show alone. Leave out -o json, or -x and --type.",
        _ => null,
    };

    private static bool IsGiven(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static TemplatePlace Place(string name) => name switch
    {
        "url" => TemplatePlace.Url,
        "query" => TemplatePlace.QueryValue,
        "header" => TemplatePlace.HeaderValue,
        _ => TemplatePlace.Text,
    };
}
