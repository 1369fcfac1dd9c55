using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Documents;

/// <summary>The description of something that happened: a line of <c>flow runs watch</c>.</summary>
internal static class EventDocument
{
    public static readonly Shape<HistoryEntry> Shape = new Shape<HistoryEntry>()
        .Number("sequence", e => e.Sequence)
        .Instant("at", e => e.Event.At)
        .Text("dag", e => e.Event.Dag?.Value)
        .Text("run", e => e.Event.Run?.Value)
        .Text("task", e => e.Event.Task?.Value)
        .Number("mapIndex", e => e.Event.MapIndex == TaskKey.NotMapped ? null : e.Event.MapIndex)
        .Number("epoch", e => e.Event.Epoch == 0 ? null : e.Event.Epoch)
        .Text("event", e => e.Event.Kind)
        .Text("reason", e => e.Event.Reason)
        .Text("detail", e => e.Event.Detail)
        .Text("actor", e => e.Event.Actor)
        .Text("address", e => e.Event.Address)
        .Text("requestId", e => e.Event.RequestId);
}
