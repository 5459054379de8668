namespace Weft.FlowSimulation;

/// <summary>A part that is broken on purpose, to show that the run sees it.</summary>
internal enum Sabotage
{
    /// <summary>Nothing is broken.</summary>
    None,

    /// <summary>A delivery is settled before its handler has ended.</summary>
    SettlesEarly,

    /// <summary>What is parked is not stored.</summary>
    ForgetsParked,

    /// <summary>Which keys are held up is not known any more after a restart.</summary>
    ForgetsKeys,

    /// <summary>A cursor does not move in the store.</summary>
    ForgetsSettled,

    /// <summary>A publish returns though nothing was stored.</summary>
    LosesAppends,

    /// <summary>Who waits for a message is not woken.</summary>
    NeverWakes,

    /// <summary>Pages are read in the wrong order.</summary>
    ReadsBackwards,
}
