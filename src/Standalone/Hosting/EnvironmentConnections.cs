using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Contract;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Connections from the host's own environment: <c>credit_db</c> is <c>FLOW_CONN_CREDIT_DB</c>.</summary>
internal sealed class EnvironmentConnections : IConnections
{
    /// <inheritdoc/>
    public Task<string?> FindAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(Environment.GetEnvironmentVariable(TaskEnvironment.ConnectionVariable(name)));
}
