using System.Text;
using Weft.Expressions;

namespace Weft.Tests.Expressions.Fuzz;

/// <summary>An expression with the values of the variables that it uses.</summary>
internal sealed record FuzzCase(string Expression, IReadOnlyDictionary<string, CelValue> Variables)
{
    public override string ToString()
    {
        var text = new StringBuilder(Expression);
        foreach (var (name, value) in Variables)
            text.Append("\n    ").Append(name).Append(" = ").Append(value);
        return text.ToString();
    }
}
