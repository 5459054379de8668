using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Diagnostics;

namespace Weft.Options.Schema;

/// <summary>
/// The policies by name. Each is read over the one that it extends, so that what it does not say holds as there, down to the single key; the built-in
/// <c>standard</c> is at the end of every chain that does not end in <c>none</c>.
/// </summary>
internal sealed class PolicyMap(Section<PolicyOptions> policy, NameForm form) : Shape<OptionsMap<PolicyOptions>>
{
    private const string Extends = "extends";

    private readonly MapOf<PolicyOptions> _map = new(policy, form);

    public override string Kind => _map.Kind;

    public override ISection? Below => _map.Below;

    public override bool IsMap => true;

    public override bool TryRead(Node node, OptionsPath path, Reader reader, [MaybeNullWhen(false)] out OptionsMap<PolicyOptions> value)
    {
        if (node.Kind != NodeKind.Map)
            return _map.TryRead(node, path, reader, out value);
        var reading = new Reading(node, path, reader, policy);
        value = OptionsMap.Create<PolicyOptions>([.. node.Entries.Select(e => new KeyValuePair<string, PolicyOptions>(e.Key.Text, reading.Read(e.Key.Text)))]);
        return true;
    }

    public override void Check(OptionsMap<PolicyOptions> value, OptionsPath path, Checking checking)
    {
        var before = checking.Problems.Count;
        _map.Check(value, path, checking);
        // What is wrong in a policy is wrong in those that extend it, and is said once.
        checking.Forget(before, (problem, all) => all.Any(other => other != problem && IsInherited(problem, other, value, path)));
    }

    private static bool IsInherited(OptionsProblem problem, OptionsProblem other, OptionsMap<PolicyOptions> value, OptionsPath path)
    {
        if (problem.Code != other.Code || problem.Value != other.Value)
            return false;
        foreach (var (name, policy) in value)
        {
            string own = path.Key(name).ToString(), based = path.Key(policy.Extends ?? PolicyOptions.StandardName).ToString();
            if (own != based && OptionsPath.IsAtOrBelow(problem.Path, own) && other.Path == based + problem.Path[own.Length..])
                return true;
        }
        return false;
    }

    public override void Write(OptionsMap<PolicyOptions> value, Utf8JsonWriter json) => _map.Write(value, json);

    public override bool IsSet(OptionsMap<PolicyOptions>? value) => _map.IsSet(value);

    public override JsonObject Schema() => _map.Schema();

    /// <summary>The name that a policy extends, as it stands in the tree.</summary>
    public static string BaseOf(Node policy) => policy.Find(Extends)?.Value is { Kind: NodeKind.Scalar, IsNull: false } name ? name.Text : PolicyOptions.StandardName;

    /// <summary>One reading of the map: each policy once, its base first.</summary>
    private sealed class Reading(Node map, OptionsPath path, Reader reader, Section<PolicyOptions> policy)
    {
        private readonly Dictionary<string, PolicyOptions> _read = new(StringComparer.Ordinal);
        private readonly List<string> _open = [];

        public PolicyOptions Read(string name)
        {
            if (_read.TryGetValue(name, out var done))
                return done;
            var node = map.Find(name)!.Value;
            _open.Add(name);
            var start = Base(name, node);
            _open.RemoveAt(_open.Count - 1);
            // What it says of its own base must not be taken for what this one says.
            if (!policy.TryReadOver(start with { Extends = null }, node, path.Key(name), reader, out var value))
                value = start;
            return _read[name] = value;
        }

        private PolicyOptions Base(string name, Node node)
        {
            var asked = BaseOf(node);
            // A policy of this name takes the place of the built-in one, and may begin with it.
            if (map.Find(asked) is null || asked == name)
                return BuiltIn(asked, name, node);
            if (_open.Contains(asked))
            {
                // Without the key it is the built-in policy under another name that closes the ring.
                var at = node.Find(Extends)?.Value ?? node;
                reader.Report(ProblemCodes.PolicyRing, path.Key(name).Key(Extends), at,
                    $"{path.Key(name)} extends itself: {string.Join(" -> ", _open.SkipWhile(n => n != asked))} -> {asked}. Let one of them extend {PolicyOptions.NoneName}, or say nothing for the built-in {PolicyOptions.StandardName}.");
                return new();
            }
            return Read(asked);
        }

        private PolicyOptions BuiltIn(string asked, string name, Node node)
        {
            if (asked == PolicyOptions.NoneName)
                return PolicyOptions.None;
            if (asked == PolicyOptions.StandardName)
                return new();
            var known = map.Entries.Select(e => e.Key.Text).Where(n => n != name).Concat([PolicyOptions.StandardName, PolicyOptions.NoneName]).Distinct().ToArray();
            var at = node.Find(Extends)!.Value;
            if (!at.IsHole)
                reader.Report(ProblemCodes.UnknownName, path.Key(name).Key(Extends), at,
                    $"{path.Key(name).Key(Extends)} is '{reader.Shown(at)}', which is {(asked == name ? "the policy itself" : "not defined under policies")}.{Nearest.Hint(asked, known)} Defined: {string.Join(", ", known)}.");
            return new();
        }
    }
}
