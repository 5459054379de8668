using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Weft.Expressions.Planning;

/// <summary>
/// What a comparison takes. Most compare an input with a constant: both are looked at where they stand, without a call and without a copy, so
/// that a rule of a large set touches little memory.
/// </summary>
internal readonly struct Operand(Node node)
{
    private readonly Node _node = node;
    private readonly int _slot = node is SlotNode input ? input.Slot : -1;
    private readonly bool _isConstant = node is ConstantNode;
    private readonly CelValue _constant = node is ConstantNode constant ? constant.Value : default;

    /// <summary>Its value.</summary>
    /// <param name="frame">What is evaluated.</param>
    /// <param name="room">Gets a value that is made.</param>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly CelValue Look(Frame frame, ref CelValue room)
    {
        var slots = frame.Slots;
        if ((uint)_slot < (uint)slots.Length)
            return ref slots[_slot];
        if (_isConstant)
            return ref _constant;
        return ref _node.Look(frame, ref room);
    }
}
