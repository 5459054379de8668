namespace Weft.Expressions;

/// <summary>A map that does not stand in a JSON text: made by an expression, or what a host keeps anyway (headers, claims).</summary>
/// <remarks>Implementations are safe for use from many threads once they are handed out.</remarks>
internal abstract class CelMap
{
    /// <summary>How many entries it has.</summary>
    public abstract int Count { get; }

    /// <summary>Finds a value. Numeric keys are equal when they have the same value: <c>1</c>, <c>1u</c> and <c>1.0</c>.</summary>
    public abstract bool TryGet(in CelValue key, out CelValue value);

    /// <summary>An entry by its place, from 0.</summary>
    public abstract KeyValuePair<CelValue, CelValue> Entry(int index);
}
