using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Connections from the host's own environment: <c>credit_db</c> is <c>FLOW_CONN_CREDIT_DB</c>.</summary>
internal sealed class EnvironmentConnections : IConnections
{
    /// <inheritdoc/>
    public Task<string?> FindAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(Environment.GetEnvironmentVariable(VariableOf(name)));

    /// <summary>The variable that holds a connection, here and in the task.</summary>
    public static string VariableOf(string name) =>
        "FLOW_CONN_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
