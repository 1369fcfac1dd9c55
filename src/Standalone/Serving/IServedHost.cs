using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Storage.Postgres.Hosts;
using OrleansFlow.Telemetry;

namespace OrleansFlow.Standalone.Serving;

/// <summary>A host whose API can be served: the embedded one, or one of a cluster. Thread-safe.</summary>
public interface IServedHost
{
    /// <summary>How to reach the coordinators: commands.</summary>
    IPeers Peers { get; }

    /// <summary>The read models.</summary>
    IQueries Queries { get; }

    /// <summary>The read models a page at a time.</summary>
    IPagedQueries Pages { get; }

    /// <summary>What tasks wrote.</summary>
    ILogStore Logs { get; }

    /// <summary>What attempts published.</summary>
    IArtifactStore Artifacts { get; }

    /// <summary>Tells of the rows that this host commits, and of the runs that others of its database change.</summary>
    RowChanges Changes { get; }

    /// <summary>The installation that the database belongs to.</summary>
    Guid Installation { get; }

    /// <summary>Where the host keeps its things.</summary>
    string DataFolder { get; }

    /// <summary>Cancelled when this host is of no use to callers any more.</summary>
    CancellationToken Useless { get; }

    /// <summary>What its engine is doing, for people, beside the state that callers act on.</summary>
    (bool Serving, string Detail) Engine { get; }

    /// <summary>How the other hosts of an embedded engine hand their commands to this one; null: they do not.</summary>
    PeerDoor? Door { get; }

    /// <summary>The hosts that have registered, or are up.</summary>
    Task<IReadOnlyList<RegisteredHost>> ListHostsAsync(CancellationToken cancellation);

    /// <summary>What it measures; null: nothing, so that there is nothing to show.</summary>
    HostTelemetry? Telemetry { get; }

    /// <summary>Tells other hosts and people where this one is reached, from now on.</summary>
    /// <param name="address">Of its API.</param>
    Task AnnounceAsync(string address);

    /// <summary>Writes a defect into the host's log, and returns the name under which it is found there.</summary>
    string NoteIncident(string subject, Exception exception);

    /// <summary>Writes a line into the host's log.</summary>
    void Note(string kind, string text);
}

/// <summary>Where a host takes the commands that others hand on.</summary>
/// <param name="InCharge">The coordinators while it is in charge; null while it is not.</param>
/// <param name="Secret">What the hosts of a database prove to each other that they are.</param>
public sealed record PeerDoor(Func<IPeers?> InCharge, string Secret);
