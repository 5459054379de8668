using Weft.Expressions;
using Weft.Expressions.Library;

namespace Weft.Tests.Expressions.Library;

/// <summary>Calls a function as the planner does: the first overload that takes the values runs.</summary>
internal sealed class LibraryRun
{
    private readonly Registry _registry = new();

    public LibraryRun(params Action<Registry>[] libraries)
    {
        foreach (var register in libraries)
            register(_registry);
    }

    public Frame Frame { get; set; } = new(0, 0, CelLimits.Default);

    public CelValue Call(string function, params CelValue[] values)
    {
        foreach (var overload in _registry.Functions[function].Overloads)
        {
            if (overload.Run is not null && overload.Accepts(values))
                return overload.Run(Frame, values);
        }
        return CelValue.Of(CelError.NoSuchOverload(function));
    }

    public void Gives(CelValue expected, string function, params CelValue[] values)
    {
        var actual = Call(function, values);
        Assert.Equal(expected.Kind, actual.Kind);
        Assert.True(expected.Kind == CelKind.Double && double.IsNaN(expected.AsDouble)
            ? double.IsNaN(actual.AsDouble)
            : ValueOperations.Equal(expected, actual, Frame), $"{function} gives another value.");
    }

    public void Fails(CelErrorKind kind, string function, params CelValue[] values)
    {
        var actual = Call(function, values);
        Assert.True(actual.IsError, $"{function} gives a value.");
        Assert.Equal(kind, actual.Error!.Kind);
    }
}
