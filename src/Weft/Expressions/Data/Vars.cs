using System.Text;

namespace Weft.Expressions.Data;

/// <summary><c>vars</c> of the file: texts that are known before anything is evaluated.</summary>
internal static class Vars
{
    /// <summary>The name of the variable.</summary>
    public const string Name = "vars";

    /// <summary>The declaration of the variable.</summary>
    public static VariableDeclaration Variable { get; } = new(Name, CelType.Map(CelType.String, CelType.String), ByPath: true);

    /// <summary>Puts the values into the slots of a frame, where they stay.</summary>
    public static void Fill(SlotTable slots, IReadOnlyCollection<KeyValuePair<string, string>> vars, Frame frame)
    {
        foreach (var slot in slots.Paths.Where(p => p.Variable == Name))
            frame.Slots[slot.Number] = slot.Fields switch
            {
                [] => CelValue.From(vars.ToDictionary(v => v.Key, v => (object?)v.Value, StringComparer.Ordinal)),
                [var name] => vars.Where(v => v.Key == name).Select(v => CelValue.String(Encoding.UTF8.GetBytes(v.Value))).DefaultIfEmpty(slot.Missing(0)).First(),
                _ => slot.NoMap(1),
            };
    }
}
