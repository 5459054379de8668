using System.Text;
using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

/// <summary>Whatever values fit the parameters: no function throws, and what it gives is an error or fits the type it declares.</summary>
public sealed class LibraryFuzzTests
{
    private static readonly string[] s_texts =
    [
        "", "a", "😀", "e\u0301", " \t", "%s", "%.3f%d", "%%%x%", "sha256", "xxh64", "aGVsbG8=", "\0",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "\"\\",
    ];

    private static readonly string[] s_jsonLists =
        ["[]", "[ 1 , 2.5 ,\t-3 ]", "[\"a\",\"\\n\"]", "[[],[[1]],{}]", "[null,true,false]", "[\"\\ud800\"]", "[1e999]"];

    private static readonly string[] s_jsonMaps =
        ["{}", "{ \"a\" : 1 }", "{\"a\":1,\"a\":2,\"b\":[{}]}", "{\"\\ud800\":1}", "{\"k\":\"\\ud800\"}", "{\"\\u0061\":0.10}"];

    private static readonly long[] s_ints = [0, 1, -1, 2, 3, 7, 64, 1000, long.MaxValue, long.MinValue];

    private static readonly double[] s_doubles =
    [
        0, -0.0, 1.5, -2.5, 1e300, -1e300, 5e-324, 1e15, 123456789012345680, double.MaxValue,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity,
    ];

    private static readonly decimal[] s_decimals = [0, 1.10m, -2.345m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m];

    private readonly Random _random = new(4711);

    [Fact]
    public void Nothing_throws_and_results_fit_their_types()
    {
        var calls = new LibraryCalls(new CelLimits { MaxBytes = 200_000, MaxSteps = 5_000 });
        var registry = LibraryCalls.MakeRegistry("https://i.example/{size}/{url}");
        var seen = new HashSet<CelErrorKind>();
        foreach (var overload in registry.Functions.Values.SelectMany(f => f.Overloads))
        {
            for (var round = 0; round < 300; round++)
            {
                calls.Frame.Reset();
                CelValue[] arguments = [.. overload.Parameters.Select(p => Value(p.Kind, 0))];
                var result = overload.Run!(calls.Frame, arguments);
                if (result.Error is { } error)
                    seen.Add(error.Kind);
                // Items are not looked at when an overload is chosen: the greatest of a list(double) may be an int that stands in it.
                else if (!overload.Id.StartsWith("math_@", StringComparison.Ordinal))
                    Assert.True(Overload.Accepts(overload.Result.Kind, result.Kind), $"{overload.Id} gave a {result.Kind}.");
                Assert.Equal(calls.Frame.Halted is not null, result.Error?.Kind == CelErrorKind.Limit);
                Assert.True(calls.Frame.Halted is not null || calls.Frame.Arena.StackTop == 0, $"{overload.Id} leaves values on the stack.");
                // What it gives can be read to its end.
                _ = calls.Show(result);
            }
        }
        Assert.Contains(CelErrorKind.Limit, seen);
    }

    private T Any<T>(T[] values) => values[_random.Next(values.Length)];

    private CelValue Value(CelTypeKind kind, int depth) => kind switch
    {
        CelTypeKind.Null => CelValue.Null,
        CelTypeKind.Bool => CelValue.Of(_random.Next(2) == 0),
        CelTypeKind.Int => CelValue.Of(Any(s_ints)),
        CelTypeKind.UInt => CelValue.Of((ulong)Any(s_ints)),
        CelTypeKind.Double => CelValue.Of(Any(s_doubles)),
        CelTypeKind.Decimal => CelValue.Of(Any(s_decimals)),
        CelTypeKind.String => CelValue.Of(Any(s_texts)),
        CelTypeKind.Bytes => CelValue.Bytes(Encoding.UTF8.GetBytes(Any(s_texts))),
        CelTypeKind.Timestamp => CelValue.Timestamp(Any([-62135596800, 0, 253402300799]), _random.Next(1_000_000_000)),
        CelTypeKind.Duration => CelValue.Duration(Any([-315576000000, 0, 315576000000]), 0),
        CelTypeKind.Type => CelValue.Of(CelType.AnyMap),
        CelTypeKind.Optional => CelValue.Of(_random.Next(2) == 0 || depth > 3 ? CelOptional.None : CelOptional.Of(Value(CelTypeKind.Dyn, depth + 1))),
        CelTypeKind.List when _random.Next(2) == 0 || depth > 3 => LibraryCalls.Json(Any(s_jsonLists)),
        CelTypeKind.List => List(depth),
        CelTypeKind.Map when _random.Next(2) == 0 || depth > 3 => LibraryCalls.Json(Any(s_jsonMaps)),
        CelTypeKind.Map => LibraryCalls.Map(("a", Value(CelTypeKind.Dyn, depth + 1)), (1, 2), (true, Value(CelTypeKind.Dyn, depth + 1))),
        _ => Value(Any([.. Enum.GetValues<CelTypeKind>().Where(k => k is > CelTypeKind.Error and < CelTypeKind.Parameter)]), depth + 1),
    };

    private CelValue List(int depth)
    {
        // Of one kind, of many, or of so many items that limits are met.
        var kind = Any([CelTypeKind.Dyn, CelTypeKind.Int, CelTypeKind.String, CelTypeKind.Double, CelTypeKind.List, CelTypeKind.Optional]);
        var count = depth == 0 && _random.Next(20) == 0 ? 1000 : _random.Next(6);
        return CelValue.List([.. Enumerable.Range(0, count).Select(_ => Value(kind, depth + 1))]);
    }
}
