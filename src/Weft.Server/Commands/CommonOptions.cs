using System.CommandLine;

namespace Weft.Server.Commands;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    /// <summary>The file that is read when none is named.</summary>
    public const string DefaultFile = "weft.yaml";

    /// <summary><c>-f FILE</c>, repeatable.</summary>
    public static Option<string[]> Files() => new("--file", "-f")
    {
        Description = "A configuration file. Given several times, later files replace what earlier ones say, value by value.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [DefaultFile],
    };

    /// <summary><c>-o text|json</c> and more where a verb has more.</summary>
    public static Option<string> Output(params string[] more)
    {
        var option = new Option<string>("--output", "-o")
        {
            Description = "How the result is written.",
            HelpName = string.Join('|', (string[])["text", "json", .. more]),
            DefaultValueFactory = _ => "text",
        };
        return option.AcceptOnlyFromAmong(["text", "json", .. more]);
    }

    /// <summary><c>--url</c> of a running instance.</summary>
    public static Option<string?> Url() => new("--url")
    {
        Description = "The admin address of a running instance. Default: that of the file. The token is taken from WEFT_ADMIN_TOKEN, else from where 'weft run' keeps it.",
        HelpName = "URL",
    };

    /// <summary><c>--limit</c> of what is listed.</summary>
    /// <param name="limit">When nothing is said.</param>
    /// <param name="most">The most that may be said.</param>
    public static Option<int> Limit(int limit, int most)
    {
        var option = new Option<int>("--limit") { Description = $"At most so many, 1 to {most}.", HelpName = "N", DefaultValueFactory = _ => limit };
        option.Validators.Add(result =>
        {
            int given = result.GetValueOrDefault<int>();
            if (given < 1 || given > most)
                result.AddError($"--limit is {given}; allowed 1 to {most}.");
        });
        return option;
    }
}
