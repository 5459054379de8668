using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Options.Schema;

/// <summary>What may stand at a place of the file: how it is read, checked, written and described.</summary>
internal abstract class Shape
{
    /// <summary>In words, with an article: <c>a duration such as 30s</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What is allowed, such as <c>0 to 20</c>; null when the kind says it all.</summary>
    public virtual string? Range => null;

    /// <summary>The keys that stand below, for a section or a collection of sections.</summary>
    public virtual ISection? Below => null;

    /// <summary>True when names, and not keys of ours, stand below.</summary>
    public virtual bool IsMap => false;

    /// <summary>True when it can only be given as a reference, so that a text here may be a secret by mistake.</summary>
    public virtual bool IsSecret => false;

    /// <summary>True when a secret could stand here or below, by mistake or in a key of a later version.</summary>
    public bool HoldsSecrets => IsSecret || (Below is { } below && (below.NotYet.Count > 0 || below.Keys.Any(k => k.Shape.HoldsSecrets)));

    /// <summary>JSON Schema (draft-07), for editors.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A shape of values of one type.</summary>
/// <typeparam name="T">The type in the options.</typeparam>
internal abstract class Shape<T> : Shape
{
    /// <summary>Reads a node. False when it could not be read, which was reported, or when nothing is known about it (<see cref="Node.IsHole"/>).</summary>
    public abstract bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out T value);

    /// <summary>Reads a node over a value that holds where it says nothing; only sections say less than all.</summary>
    public virtual bool TryReadOver(T? start, Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out T value) => TryRead(node, path, reader, out value);

    /// <summary>Reports what is wrong with a value, however it came into the options.</summary>
    public virtual void Check(T value, OptionsPath path, Checking checking)
    {
    }

    /// <summary>Writes the value in a form that <see cref="TryRead"/> reads back, without secrets.</summary>
    public abstract void Write(T value, Utf8JsonWriter json);

    /// <summary>The value as a short text, for "default 30s"; null when there is none.</summary>
    public virtual string? Show(T value) => null;

    /// <summary>False when the value says nothing.</summary>
    public virtual bool IsSet(T? value) => value is not null;
}
