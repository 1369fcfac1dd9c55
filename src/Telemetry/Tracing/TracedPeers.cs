using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry.Tracing;

/// <summary>Peers whose commands are spans of the caller's trace, linked with the trace of the run that they are for. Thread-safe.</summary>
/// <param name="inner">Who does it.</param>
/// <param name="traces">The traces.</param>
internal sealed class TracedPeers(IPeers inner, RunTraces traces) : RoutedPeers
{
    /// <inheritdoc/>
    protected override async Task<TReply> AskAsync<TPeer, TReply>(RowKey row, Func<TPeer, Task<TReply>> call, CancellationToken cancellation)
    {
        using var command = traces.Begin(row.Kind);
        var reply = await call((TPeer)Owner(row));
        if (command is not null && RunOf(row, reply) is { } run) traces.Link(command, run);
        return reply;
    }

    private object Owner(RowKey row) => row.Kind switch
    {
        RowKind.Dag => inner.Dag(new DagId(row.Id)),
        RowKind.Run => inner.Run(new RunId(row.Id)),
        RowKind.Task => inner.Task(row.AsTask()),
        _ => inner.Pool(row.Id),
    };

    private static RunId? RunOf(RowKey row, object? reply) => reply switch
    {
        RunTriggered triggered => triggered.Run,
        _ when row.Kind is RowKind.Run or RowKind.Task => new RunId(row.Id),
        _ => null,
    };
}
