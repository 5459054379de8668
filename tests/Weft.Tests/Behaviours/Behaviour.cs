namespace Weft.Tests.Behaviours;

/// <summary>One thing that a policy should do, and a scenario that shows whether it does. The same scenario runs against ours and against a peer.</summary>
/// <typeparam name="TRig">What scenarios run on: a policy on a fake clock, and what can be done with it.</typeparam>
/// <param name="Name">A sentence without a full stop, for the table.</param>
/// <param name="Peer">What the peer does: <see cref="Yes"/>, or what happens instead.</param>
/// <param name="Run">Runs it: <see cref="Yes"/>, or in a few words what happened instead.</param>
internal sealed record Behaviour<TRig>(string Name, string Peer, Func<TRig, Task<string>> Run)
{
    public const string Yes = "yes";

    public override string ToString() => Name;

    /// <summary>What a run gives; a scenario that throws gives the type of what it threw.</summary>
    public async Task<string> ResultAsync(TRig rig)
    {
        try
        {
            return await Run(rig);
        }
        catch (Exception thrown)
        {
            return $"no: {thrown.GetType().Name}";
        }
    }
}
