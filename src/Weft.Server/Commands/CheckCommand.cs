using System.CommandLine;
namespace Weft.Server.Commands;
internal static class CheckCommand { public static Command Create(Terminal terminal) => new("check", "x"); }
internal static class ExplainCommand { public static Command Create(Terminal terminal) => new("explain", "x"); }
internal static class SchemaCommand { public static Command Create(Terminal terminal) => new("schema", "x"); }
