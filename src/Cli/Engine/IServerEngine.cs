using OrleansFlow.Cli.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Engine;

/// <summary>The engine of a server: it reads DAG files itself.</summary>
internal interface IServerEngine : IEngine
{
    /// <summary>What the server finds wrong with a DAG file.</summary>
    Task<DagSource> CheckAsync(DagText file, CancellationToken cancellation);

    /// <summary>Makes a run of a DAG file; the version that it is does not become current.</summary>
    /// <param name="file">The file.</param>
    /// <param name="given">Its parameters.</param>
    /// <param name="message">The run that is asked for, without version and parameters.</param>
    /// <param name="cancellation">Gives up; the run may have been made.</param>
    Task<(DagId Dag, RunId Run)> TriggerAsync(DagText file, RunParams given, TriggerRun message, CancellationToken cancellation);
}
