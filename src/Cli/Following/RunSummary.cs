using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Cli.Output;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Cli.Following;

/// <summary>The last word on a run: the document, or for people the tasks, where outputs and logs lie, and why what failed has failed.</summary>
internal static class RunSummary
{
    /// <summary>A run with more task instances is told by their counts.</summary>
    private const int MostRows = 100;
    private const int MostFailures = 5;
    private const int TailLines = 20;

    public static async Task WriteAsync(Invocation flow, IEngineReader engine, RunDetail detail, CancellationToken cancellation)
    {
        var document = RunDocument.Of(detail);
        if (!flow.Output.ForPeople)
        {
            flow.Output.Show(document, RunDocument.Shape);
            return;
        }

        var writer = flow.Output.Plain;
        var run = detail.Run;
        var state = Names.Of(run.State);
        writer.WriteLine($"run {run.Id} of {run.Dag}: {flow.Output.Paint.State(state, state)}"
            + (Words.Duration(run.StartedAt, run.EndedAt) is { } took ? $" in {took}" : "")
            + (string.IsNullOrEmpty(run.Detail) ? "" : $" ({run.Detail})"));
        writer.WriteLine();
        WriteTasks(flow, document);
        WritePlaces(flow, engine, document);
        await WriteFailuresAsync(flow, engine, detail, document, cancellation);
        await writer.FlushAsync(cancellation);
    }

    private static void WriteTasks(Invocation flow, RunDocument document)
    {
        if (document.Tasks.Count <= MostRows)
        {
            flow.Output.List(document.Tasks, TaskDocument.Shape);
            return;
        }

        foreach (var states in document.Tasks.GroupBy(t => t.Task.State).OrderBy(g => g.Key))
            flow.Output.Plain.WriteLine($"{Words.Count(states.Count(), "task")} {Names.Of(states.Key)}");
        flow.Output.Plain.WriteLine($"{flow.Command($"tasks list {document.Run.Id}")} lists them");
    }

    private static void WritePlaces(Invocation flow, IEngineReader engine, RunDocument document)
    {
        if (document.Tasks.Count > MostRows) return;
        var outputs = document.Tasks.SelectMany(t => t.Artifacts).ToList();
        var where = engine.Server is { IsThisMachine: false } server ? $" (as {server} names them)" : "";
        Section(flow, $"OUTPUTS{where}", outputs, OutputPlace);
        var logs = document.Tasks
            .SelectMany(t => t.Attempts)
            .Select(a => new LogPlace(a.Key, engine.Logs.Locate(document.Run.Dag, a.Key)))
            .ToList();
        Section(flow, $"LOGS{where}", logs, LogOf);
    }

    private static async Task WriteFailuresAsync(
        Invocation flow, IEngineReader engine, RunDetail detail, RunDocument document, CancellationToken cancellation)
    {
        var failed = document.Tasks.Where(t => t.Task.State == TaskState.Failed).ToList();
        var writer = flow.Output.Plain;
        foreach (var task in failed.Take(MostFailures))
        {
            writer.WriteLine();
            try
            {
                await WriteFailureAsync(flow, engine, detail, task, cancellation);
            }
            catch (Exception away) when (away is FlowException or StoreException)
            {
                // it has ended as it has, whether or not anybody is there to say why
                writer.WriteLine($"{TaskName.Of(task.Task.Key)} failed; {flow.Command($"why {detail.Run.Id} {TaskName.Of(task.Task.Key)}")} says more");
                flow.Messages.Say($"why it failed cannot be told now: {away.Message}");
                return;
            }
        }

        if (failed.Count > MostFailures)
            writer.WriteLine($"\nand {Words.Count(failed.Count - MostFailures, "task")} more failed: {flow.Command($"tasks list {detail.Run.Id}")}");
    }

    private static async Task WriteFailureAsync(
        Invocation flow, IEngineReader engine, RunDetail detail, TaskDocument task, CancellationToken cancellation)
    {
        var writer = flow.Output.Plain;
        var why = await engine.ExplainAsync(detail, task, flow.Now, cancellation);
        ExplanationText.Write(writer, flow.Output.Paint, TaskName.Of(task.Task.Key), why);
        if (task.Attempts is not [.., var attempt]) return;
        var tail = await engine.Logs.TailAsync(detail.Run.Dag, attempt.Key, TailLines, cancellation);
        if (tail.Count == 0) return;
        writer.WriteLine($"  its last {Words.Count(tail.Count, "line")}:");
        foreach (var line in tail) writer.WriteLine($"  | {line.Plain}");
    }

    private static void Section<T>(Invocation flow, string title, IReadOnlyList<T> items, Shape<T> shape)
    {
        if (items.Count == 0) return;
        flow.Output.Plain.WriteLine();
        flow.Output.Plain.WriteLine(flow.Output.Paint.Header(title));
        new TableText<T>(shape, items).Write(flow.Output.Plain, flow.Output.Paint, "  ");
    }

    private static readonly Shape<Artifact> OutputPlace = new Shape<Artifact>()
        .Column("TASK", a => TaskName.Of(a.Task))
        .Text("name", a => a.Name, "NAME")
        .Size("size", a => a.Size, "SIZE")
        .Text("uri", a => a.Uri, "URI");

    private static readonly Shape<LogPlace> LogOf = new Shape<LogPlace>()
        .Column("TASK", l => TaskName.Of(l.Attempt.Task))
        .Number("epoch", l => l.Attempt.Epoch, "ATTEMPT")
        .Text("uri", l => l.Uri, "LOG");

    private sealed record LogPlace(AttemptKey Attempt, string Uri);
}
