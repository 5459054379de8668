using System.CommandLine;
using Weft.Options;

namespace Weft.Server.Commands;

/// <summary><c>weft schema</c>: the JSON Schema for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("schema", "Writes the JSON Schema of weft.yaml, for completion and checks in editors: weft schema > weft.schema.json.");
        command.SetAction(_ =>
        {
            terminal.Out.Write(SchemaText.JsonSchema());
            return ExitCode.Fine;
        });
        return command;
    }
}
