namespace Weft.Expressions.Syntax;

/// <summary>A call that is replaced before it is checked, such as <c>list.all(x, x > 0)</c>.</summary>
/// <param name="Name">Its name without target: <c>all</c>; for <c>cel.bind</c> it is <c>bind</c>, and <paramref name="Expand"/> looks at the target.</param>
/// <param name="IsMember">Whether it is called on a target.</param>
/// <param name="Arguments">How many arguments it takes without the target; null for any number.</param>
/// <param name="Expand">Makes what stands for the call; null when the call is no macro after all. It reports what is wrong and then gives null too.</param>
internal sealed record Macro(string Name, bool IsMember, int? Arguments, MacroExpander Expand);

/// <summary>Replaces a call.</summary>
/// <param name="context">Gives ids to new nodes and takes problems.</param>
/// <param name="place">Where the call stands.</param>
/// <param name="target">What it is called on.</param>
/// <param name="arguments">Its arguments.</param>
internal delegate Expr? MacroExpander(MacroContext context, TextSpan place, Expr? target, Expr[] arguments);
