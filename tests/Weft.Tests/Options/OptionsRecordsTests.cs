using System.Reflection;
using Weft.Expressions;
using Weft.Options;
using Weft.Options.Schema;

namespace Weft.Tests.Options;

/// <summary>What must hold for every options record, found by reflection so that a new one is not forgotten.</summary>
public sealed class OptionsRecordsTests
{
    public static TheoryData<Type> Records =>
        [.. typeof(WeftOptions).Assembly.GetTypes().Where(t => t.Namespace == "Weft.Options" && t.IsPublic && t.Name.EndsWith("Options", StringComparison.Ordinal) && t != typeof(IWeftPart))];

    [Fact]
    public void There_are_records() => Assert.True(Records.Count > 20);

    [Theory]
    [MemberData(nameof(Records))]
    public void Changing_any_property_makes_it_unequal(Type record)
    {
        foreach (var property in Settable(record))
        {
            object one = Make(record), other = Make(record);
            Assert.Equal(one, other);
            Assert.Equal(one.GetHashCode(), other.GetHashCode());
            property.SetValue(other, Different(property.PropertyType, property.GetValue(other)));
            Assert.False(one.Equals(other), $"{record.Name}.{property.Name} does not take part in equality.");
        }
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Every_property_has_one_key_of_the_same_name(Type record)
    {
        var section = Sections().Single(s => s.GetType() == typeof(Section<>).MakeGenericType(record));
        Assert.Equal(Settable(record).Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]).Order(), section.Keys.Select(k => k.Name).Order());
    }

    [Fact]
    public void Every_key_has_a_sentence_and_no_designed_key_stands_twice()
    {
        foreach (var section in Sections())
        {
            Assert.All(section.Keys, k => Assert.EndsWith(".", k.Summary, StringComparison.Ordinal));
            Assert.Empty(section.Keys.Select(k => k.Name).Intersect(section.NotYet.Keys));
            Assert.Distinct(section.Keys.Select(k => k.Name));
        }
    }

    private static HashSet<ISection> Sections()
    {
        var found = new HashSet<ISection>();
        Add(WeftSchema.Root);
        return found;

        void Add(ISection section)
        {
            if (!found.Add(section))
                return;
            foreach (var key in section.Keys)
            {
                if (key.Shape.Below is { } below)
                    Add(below);
            }
        }
    }

    private static IEnumerable<PropertyInfo> Settable(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null);

    private static object Make(Type record)
    {
        var made = Activator.CreateInstance(record)!;
        // What is required has no default to begin with.
        foreach (var property in Settable(record).Where(p => p.PropertyType == typeof(string) && p.GetValue(made) is null && p.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))))
            property.SetValue(made, "");
        return made;
    }

    private static object Different(Type type, object? value)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Different(inner, value ?? Activator.CreateInstance(inner));
        if (type == typeof(string))
            return value + "x";
        if (type == typeof(bool))
            return !(bool)value!;
        if (type == typeof(int))
            return (int)value! + 1;
        if (type == typeof(long))
            return (long)value! + 1;
        if (type == typeof(double))
            return (double)value! + 1;
        if (type == typeof(RetryReason))
            return RetryReason.Of(((RetryReason)value!).Status + 1);
        if (type == typeof(HedgeDelay))
            return new HedgeDelay(TimeSpan.FromTicks(1));
        if (type == typeof(TimeSpan))
            return (TimeSpan)value! + TimeSpan.FromTicks(1);
        if (type == typeof(DateTimeOffset))
            return ((DateTimeOffset)value!).AddTicks(1);
        if (type == typeof(CelTree))
            return CelTree.Expression(value + "x");
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().First(v => !v.Equals(value));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(OptionsList<>))
            return typeof(OptionsRecordsTests).GetMethod(nameof(Longer), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type.GenericTypeArguments).Invoke(null, [value])!;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(OptionsMap<>))
            return type.GetMethod("With")!.Invoke(value, ["x", New(type.GenericTypeArguments[0])])!;
        var changed = Make(type);
        var first = Settable(type).First();
        first.SetValue(changed, Different(first.PropertyType, first.GetValue(value ?? changed)));
        return changed;
    }

    private static object New(Type type) => type == typeof(string) ? "x" : Make(type);

    private static OptionsList<T> Longer<T>(OptionsList<T> list) => [.. list, (T)(typeof(T) == typeof(int) ? 1 : typeof(T).IsValueType ? default(T)! : New(typeof(T)))];
}
