namespace OrleansFlow.Scheduling.Execution;

/// <summary>Where the values of connections come from. Thread-safe.</summary>
public interface IConnections
{
    /// <summary>The value of a connection (a DSN, a URL); null when it is not defined.</summary>
    Task<string?> FindAsync(string name, CancellationToken cancellation);
}
