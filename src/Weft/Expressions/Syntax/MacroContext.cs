namespace Weft.Expressions.Syntax;

/// <summary>What a macro may do while the parser runs.</summary>
internal abstract class MacroContext
{
    /// <summary>A number for a new node.</summary>
    public abstract int NextId();

    /// <summary>Says what is wrong with the arguments.</summary>
    public abstract void Report(TextSpan place, string message);
}
