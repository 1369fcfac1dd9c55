using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>An engine that runs in this process: schedules fire and tasks run while it is up. Thread-safe.</summary>
public interface IFlowHost : IAsyncDisposable
{
    /// <summary>How to reach the coordinators: commands.</summary>
    IPeers Peers { get; }

    /// <summary>The read models.</summary>
    IQueries Queries { get; }

    /// <summary>What the host has to say to people (PostgreSQL is away, orphans ended, disk nearly full), as it happens.</summary>
    IAsyncEnumerable<string> NoticesAsync(CancellationToken cancellation);

    /// <summary>
    /// Cancels a run and waits until its tasks have ended, at most their grace period, or none once <see cref="FlowHostOptions.Hurry"/> says so; for
    /// Ctrl-C. Then dispose the host.
    /// </summary>
    Task<CommandReply> CancelAndWaitAsync(RunId run, CancelRun cancel, CancellationToken cancellation);
}

/// <summary>What an embedded host is started with.</summary>
public sealed record FlowHostOptions
{
    /// <summary>The data folder; null: <c>FLOW_DATA_DIR</c>, else the user's or, as root, the machine's default.</summary>
    public string? DataFolder { get; init; }

    /// <summary>A PostgreSQL to use instead of a private one (<c>FLOW_POSTGRES</c>); null: private.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>
    /// Take turns with other hosts of the same database: while another one is in charge this one serves reads, hands commands on, and takes over
    /// when that one dies, hangs or leaves. Default: no; a host that finds another in charge does not start.
    /// </summary>
    public bool StandBy { get; init; }

    /// <summary>A folder that all hosts of the database see, for artifacts and logs. Default: the data folder has them.</summary>
    public string? SharedFolder { get; init; }

    /// <summary>How many tasks may be queued or running at once in the whole installation; null: any number.</summary>
    public int? Parallelism { get; init; }

    /// <summary>How long the logs of a run are kept after its end; null: for ever. Default 30 days.</summary>
    public TimeSpan? LogRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Write <c>logs/host.log</c> as a JSON object on each line, with ids as fields. Default: as text.</summary>
    public bool JsonLog { get; init; }

    /// <summary>How often rows that are due or unreported are swept, as the backstop of timers. Default one second.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A command that is given before what the last host left is taken up, so that nothing of it starts anew; null: none.</summary>
    public Func<IPeers, IQueries, CancellationToken, Task>? First { get; init; }

    /// <summary>Keep what is measured, for the server of the host to show at <c>/metrics</c>. Default: no.</summary>
    public bool Measured { get; init; }

    /// <summary>From when it is cancelled on, tasks that are told to stop get no grace period: they are killed.</summary>
    public CancellationToken Hurry { get; init; }
}
