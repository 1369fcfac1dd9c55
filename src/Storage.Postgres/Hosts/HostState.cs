namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>What a host does. The first three are what it says of itself.</summary>
public enum HostState
{
    /// <summary>It waits for its turn, and serves the API.</summary>
    Standby = 1,

    /// <summary>It is in charge.</summary>
    Active = 2,

    /// <summary>It hands over and ends.</summary>
    Leaving = 3,

    /// <summary>Its lease has run out: it has died, hangs, or cannot reach the database.</summary>
    Silent = 4,
}

/// <summary>The states' names in rows.</summary>
internal static class HostStates
{
    public static string Name(this HostState state) => state switch
    {
        HostState.Standby => "standby",
        HostState.Active => "active",
        HostState.Leaving => "leaving",
        HostState.Silent => "silent",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "no state of a host"),
    };

    public static HostState Of(string name) => Enum.GetValues<HostState>().First(state => state.Name() == name);
}
