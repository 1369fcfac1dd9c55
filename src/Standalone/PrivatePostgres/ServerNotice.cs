namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>What the private PostgreSQL is doing.</summary>
public enum ServerState
{
    /// <summary>The database is being made (first start only).</summary>
    Creating = 1,

    /// <summary>The server was launched and does not accept connections yet.</summary>
    Starting = 2,

    /// <summary>The server accepts connections.</summary>
    Ready = 3,

    /// <summary>The server ended under the running host; it is restarted by itself.</summary>
    Lost = 4,

    /// <summary>The server is being stopped.</summary>
    Stopping = 5,

    /// <summary>The server has ended, or was left to its other users.</summary>
    Stopped = 6,
}

/// <summary>One line of news about the private PostgreSQL, for the host to show and log.</summary>
/// <param name="State">The state it is in now.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record ServerNotice(ServerState State, string Message);
