using System.Text.Json;
using Weft.Expressions;
using Weft.Expressions.Checking;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Suite;

/// <summary>The types and declarations of the official suite.</summary>
internal static class SuiteTypes
{
    /// <summary>What a test may use: the libraries and what it declares itself.</summary>
    public static Scope ScopeOf(SuiteTest test, IEnumerable<Action<Registry>> libraries, IEnumerable<Declaration> variables)
    {
        var registry = new Registry();
        foreach (var register in libraries)
            register(registry);
        var all = variables.ToList();
        foreach (var declaration in test.Declarations)
        {
            var name = declaration.GetProperty("name").GetString()!;
            if (declaration.TryGetProperty("ident", out var ident))
                all.Add(new VariableDeclaration(name, Read(ident.GetProperty("type"))));
            else
                Declare(registry, name, declaration.GetProperty("function").GetProperty("overloads"));
        }
        return new Scope(registry, all, test.Container);
    }

    /// <summary>A type as the suite prints it.</summary>
    public static string Text(CelType type) => type.Kind switch
    {
        CelTypeKind.Null => "null",
        CelTypeKind.Timestamp => "timestamp",
        CelTypeKind.Duration => "duration",
        _ when type.Parameters.IsEmpty => type.Name,
        _ => $"{type.Name}({string.Join(", ", type.Parameters.Select(Text))})",
    };

    private static void Declare(Registry registry, string name, JsonElement overloads)
    {
        foreach (var overload in overloads.EnumerateArray())
        {
            var id = overload.GetProperty("overloadId").GetString()!;
            CelType[] parameters = [.. overload.GetProperty("params").EnumerateArray().Select(Read)];
            var result = Read(overload.GetProperty("resultType"));
            if (overload.TryGetProperty("isInstanceFunction", out var member) && member.GetBoolean())
                registry.Member(name, id, parameters, result, null);
            else
                registry.Global(name, id, parameters, result, null);
        }
    }

    /// <summary>A type as proto JSON of <c>cel.expr.Type</c>. Messages are types by name, which nothing can be done with.</summary>
    public static CelType Read(JsonElement json)
    {
        var kind = json.EnumerateObject().First();
        var value = kind.Value;
        return kind.Name switch
        {
            "dyn" => CelType.Dyn,
            "null" => CelType.Null,
            "primitive" => value.GetString() switch
            {
                "BOOL" => CelType.Bool,
                "INT64" => CelType.Int,
                "UINT64" => CelType.UInt,
                "DOUBLE" => CelType.Double,
                "STRING" => CelType.String,
                "BYTES" => CelType.Bytes,
                var other => throw new InvalidDataException($"{other} is no primitive type."),
            },
            "wellKnown" when value.GetString() == "TIMESTAMP" => CelType.Timestamp,
            "wellKnown" when value.GetString() == "DURATION" => CelType.Duration,
            "listType" => CelType.List(Read(value.GetProperty("elemType"))),
            "mapType" => CelType.Map(Read(value.GetProperty("keyType")), Read(value.GetProperty("valueType"))),
            "typeParam" => CelType.Parameter(value.GetString()!),
            "abstractType" when value.GetProperty("name").GetString() == "optional_type" => CelType.Optional(Read(value.GetProperty("parameterTypes")[0])),
            "abstractType" => new CelType(CelTypeKind.Named, value.GetProperty("name").GetString()!, [.. value.GetProperty("parameterTypes").EnumerateArray().Select(Read)]),
            "messageType" => value.GetString() switch
            {
                "google.protobuf.Struct" => CelType.Object,
                "google.protobuf.Value" => CelType.Dyn,
                "google.protobuf.ListValue" => CelType.AnyList,
                "google.protobuf.Timestamp" => CelType.Timestamp,
                "google.protobuf.Duration" => CelType.Duration,
                var name => new CelType(CelTypeKind.Named, name!),
            },
            _ => new CelType(CelTypeKind.Named, value.ToString()),
        };
    }
}
