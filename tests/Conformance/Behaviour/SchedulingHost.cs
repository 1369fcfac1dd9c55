using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>A host of coordinators whose behaviour is looked at: in one process, in the simulation, in grains. Each test has DAGs of its own.</summary>
public abstract class SchedulingHost : IAsyncLifetime
{
    /// <summary>How commands are given.</summary>
    public abstract IPeers Peers { get; }

    /// <summary>How what became of them is read.</summary>
    public abstract IQueries Queries { get; }

    /// <summary>What runs attempts.</summary>
    public abstract ScriptedBackend Backend { get; }

    /// <summary>The host's time.</summary>
    public virtual TimeProvider Time => TimeProvider.System;

    /// <summary>What went wrong in it that should not.</summary>
    public virtual IReadOnlyList<string> Defects => Told.Defects;

    /// <summary>For engines: what they say of themselves.</summary>
    internal ToldDefects Told { get; } = new();

    /// <summary>Runs a test where the host's time passes.</summary>
    public virtual Task LiveAsync(Func<Task> test) => test();

    /// <inheritdoc/>
    public abstract Task InitializeAsync();

    /// <inheritdoc/>
    public abstract Task DisposeAsync();

    /// <summary>Compiles a stored version.</summary>
    protected static DagGraph Compile(DagVersion version)
    {
        var spec = CanonicalJson.Read(version.Spec);
        return new DagGraph(spec, PriorityWeights.Of(spec));
    }
}

/// <summary>Remembers defects, and illegal events, which are none but of a program that is wrong. Thread-safe.</summary>
internal sealed class ToldDefects : IEngineObserver, IArtifactReader
{
    private readonly List<string> _defects = [];

    /// <summary>What was told.</summary>
    public IReadOnlyList<string> Defects
    {
        get
        {
            lock (_defects) return [.. _defects];
        }
    }

    public void StoreUnavailable(string problem)
    {
    }

    public void StoreAvailable()
    {
    }

    public void BatchExecuted(int steps, TimeSpan duration)
    {
    }

    public void Stale(string subject, string @event)
    {
    }

    public void Illegal(string subject, string @event) => Add($"{subject}: illegal: {@event}");

    public void Defect(string subject, Exception exception) => Add($"{subject}: {exception}");

    public void Fenced(string problem) => Add(problem);

    public Task<Stream> OpenAsync(string uri, CancellationToken cancellation) => throw new ArtifactException($"there is nothing at {uri}");

    private void Add(string defect)
    {
        lock (_defects) _defects.Add(defect);
    }
}
