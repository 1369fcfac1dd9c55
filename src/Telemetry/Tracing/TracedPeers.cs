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
        var reply = await call((TPeer)inner.OwnerOf(row));
        if (command is not null && RunOf(row, reply) is { } run) traces.Link(command, run);
        return reply;
    }

    private static RunId? RunOf(RowKey row, object? reply) => reply switch
    {
        RunTriggered triggered => triggered.Run,
        _ when row.Kind is RowKind.Run or RowKind.Task => new RunId(row.Id),
        _ => null,
    };
}
