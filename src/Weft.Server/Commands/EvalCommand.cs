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
            var session = new EvalSession();
            if (result.GetValue(data) is { } file)
                session.Load(file);
            foreach (var variable in result.GetValue(variables)!)
                session.Set(variable);
            if (result.GetValue(expression) is not { } text)
                return new EvalPrompt(session, terminal, Console.In, isTerminal: !Console.IsInputRedirected).Run();
            if (result.GetValue(kind) == "template")
                return session.Template(text, Place(result.GetValue(place)!), terminal);
            if (result.GetValue(type))
                return session.Type(text, terminal);
            return result.GetValue(explain) ? session.Explain(text, terminal) : session.Evaluate(text, result.GetValue(output) == "json", terminal);
        });
        return command;
    }

    private static TemplatePlace Place(string name) => name switch
    {
        "url" => TemplatePlace.Url,
        "query" => TemplatePlace.QueryValue,
        "header" => TemplatePlace.HeaderValue,
        _ => TemplatePlace.Text,
    };
}
