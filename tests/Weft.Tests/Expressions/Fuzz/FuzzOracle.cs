using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Weft.Tests.Repository;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>What an engine gives for a case.</summary>
/// <param name="Value">In the form of <see cref="FuzzValues"/>.</param>
/// <param name="Message">The text of its error; empty when there is none.</param>
internal sealed record Answer(string Value, string Message)
{
    public bool IsError => Value == FuzzValues.Error;

    public override string ToString() => IsError ? $"error: {Message}" : Value;
}

/// <summary>The two other engines, in one process of Node.</summary>
internal sealed class FuzzOracle : IDisposable
{
    private static readonly string s_folder = Path.Combine(Repo.Root, "tests", "cel");

    private readonly Process _node;
    private readonly StreamWriter _input;

    public FuzzOracle()
    {
        if (!Directory.Exists(Path.Combine(s_folder, "node_modules")))
            Assert.Skip("The other engines are not installed: run npm ci in tests/cel.");
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        _node = Process.Start(new ProcessStartInfo("node", ["oracle.mjs"])
        {
            WorkingDirectory = s_folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
        })!;
        _input = _node.StandardInput;
    }

    /// <summary>Evaluates cases.</summary>
    public async Task<IReadOnlyList<(Answer Bufbuild, Answer CelJs)>> AskAsync(IReadOnlyList<FuzzCase> cases)
    {
        var writing = WriteAsync(cases);
        var answers = new List<(Answer, Answer)>();
        while (answers.Count < cases.Count)
        {
            var line = await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The other engines ended at case {answers.Count}: {cases[answers.Count]}");
            using var json = JsonDocument.Parse(line);
            answers.Add((Read(json.RootElement[0]), Read(json.RootElement[1])));
        }
        await writing;
        return answers;
    }

    public void Dispose()
    {
        _input.Dispose();
        _node.WaitForExit();
        _node.Dispose();
    }

    private async Task WriteAsync(IReadOnlyList<FuzzCase> cases)
    {
        foreach (var one in cases)
        {
            var variables = one.Variables.Select(v => $"\"{v.Key}\":{FuzzValues.ShowInOrder(v.Value)}");
            await _input.WriteAsync($"{{\"expr\":\"{JsonEncodedText.Encode(one.Expression)}\",\"vars\":{{{string.Join(',', variables)}}}}}\n");
        }
        await _input.FlushAsync();
    }

    private static Answer Read(JsonElement json) => new(FuzzValues.Normal(json), json[0].GetString() == "error" ? json[1].GetString()! : "");
}
