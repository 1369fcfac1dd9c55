using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Documents;

/// <summary>The description of a run in a list.</summary>
internal static class RunListDocument
{
    public static readonly Shape<RunSummary> Shape = new Shape<RunSummary>()
        .Text("dag", r => r.Run.Dag.Value, "DAG")
        .Text("run", r => r.Run.Id.Value, "RUN")
        .Name("kind", r => (RunKind?)r.Run.Kind)
        .Name("state", r => (RunState?)r.Run.State, "STATE")
        .Text("detail", r => r.Run.Detail)
        .Instant("logicalDate", r => r.Run.LogicalDate, "LOGICAL DATE")
        .Instant("createdAt", r => r.Run.CreatedAt)
        .Instant("startedAt", r => r.Run.StartedAt, "STARTED")
        .Instant("endedAt", r => r.Run.EndedAt)
        .Column("DURATION", r => Words.Duration(r.Run.StartedAt, r.Run.EndedAt), right: true)
        .Counts("tasks", r => r.TasksByState, "TASKS");
}
