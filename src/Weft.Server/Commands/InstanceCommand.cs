using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.Server.Client;

namespace Weft.Server.Commands;

/// <summary>A verb that acts on a running instance, or on its stores when nothing runs.</summary>
internal sealed class InstanceCommand : Command
{
    private readonly Option<string[]> _files = CommonOptions.Files();
    private readonly Option<string?> _url = CommonOptions.Url();
    private readonly Option<string> _output = CommonOptions.Output();
    private readonly Terminal _terminal;

    public InstanceCommand(string name, string description, Terminal terminal)
        : base(name, description)
    {
        _terminal = terminal;
        Add(_files);
        Add(_url);
        Add(_output);
    }

    /// <summary>Says what it does, and how the result is written as JSON and for people.</summary>
    /// <param name="act">Does it.</param>
    /// <param name="json">The form of the result for machines.</param>
    /// <param name="text">Writes the result for people.</param>
    /// <param name="isDone">Whether all that was asked for was done; else the exit code is 1. Null when it always is.</param>
    public InstanceCommand Does<T>(Func<ParseResult, IOperator, Task<T>> act, JsonTypeInfo<T> json, Action<T> text, Func<T, bool>? isDone = null) => Does(async (result, o) =>
    {
        var done = await act(result, o).ConfigureAwait(false);
        return Result.Of(done, json, text, isDone?.Invoke(done) ?? true);
    });

    /// <summary>Says what it does; for a verb whose results are not all of one form.</summary>
    public InstanceCommand Does(Func<ParseResult, IOperator, Task<Result>> act)
    {
        SetAction(async (result, _) =>
        {
            var done = await Operator.UseAsync(result.GetValue(_files)!, result.GetValue(_url), _terminal, o => act(result, o)).ConfigureAwait(false);
            if (result.GetValue(_output) == "json")
                _terminal.Out.WriteLine(done.ToJson());
            else
                done.WriteText();
            return done.IsDone ? ExitCode.Fine : ExitCode.Failed;
        });
        return this;
    }

    /// <summary>What a verb did.</summary>
    /// <param name="ToJson">Writes it for machines.</param>
    /// <param name="WriteText">Writes it for people.</param>
    /// <param name="IsDone">Whether all that was asked for was done.</param>
    public sealed record Result(Func<string> ToJson, Action WriteText, bool IsDone)
    {
        /// <summary>A result of one form.</summary>
        public static Result Of<T>(T done, JsonTypeInfo<T> json, Action<T> text, bool isDone = true) =>
            new(() => JsonSerializer.Serialize(done, json), () => text(done), isDone);
    }
}
