namespace Weft.Expressions;

/// <summary>What a name stands for.</summary>
internal abstract record Declaration(string Name, CelType Type);

/// <summary>A variable that the host gives.</summary>
/// <param name="Name">Its whole name; it may have dots.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="ByPath">
/// Whether fields below it are slots of their own, so that <c>event.data.total</c> is read from a message without a map between.
/// </param>
internal sealed record VariableDeclaration(string Name, CelType Type, bool ByPath = false) : Declaration(Name, Type);

/// <summary>A variable of a comprehension or binding.</summary>
internal sealed record LocalDeclaration(string Name, CelType Type) : Declaration(Name, Type);

/// <summary>A name with a value that is known: types and constants.</summary>
internal sealed record ConstantDeclaration(string Name, CelType Type, CelValue Value) : Declaration(Name, Type);
