using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Runs;

/// <summary>Small DAGs and their runs.</summary>
internal static class RunFacts
{
    public static readonly DateTimeOffset Now = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly RunId RunId = new("manual-1");

    /// <summary>A task: its id and, after a blank, those it needs.</summary>
    public static TaskSpec Task(string line, TriggerRule rule = TriggerRule.AllSuccess)
    {
        var words = line.Split(' ');
        return new TaskSpec
        {
            Id = new TaskId(words[0]),
            Action = new NoopAction(),
            Needs = [.. words[1..].Select(word => new TaskId(word))],
            TriggerRule = rule,
        };
    }

    public static ListMap Over(int count) => new(new JsonArray([.. Enumerable.Range(0, count).Select(i => JsonValue.Create(i))]), null);

    public static DagGraph Graph(params TaskSpec[] tasks) =>
        new(new DagSpec { Id = new DagId("credit"), Tasks = tasks }, [.. tasks.Select(_ => 1L)]);

    public static DagRun Run(RunState state = RunState.Running) => new()
    {
        Id = RunId,
        Dag = new DagId("credit"),
        VersionHash = "hash",
        Kind = RunKind.Manual,
        State = state,
        LogicalDate = Now,
        DataIntervalStart = Now,
        DataIntervalEnd = Now,
        Params = "{}",
        CreatedAt = Now,
    };

    public static RunProgress Start(DagGraph graph)
    {
        var (tasks, problem) = RunExpansion.Expand(graph, Run());
        problem.ShouldBeNull();
        return new RunProgress(graph, Run(), [.. tasks.Select(task => task with { Version = 1 })]);
    }

    /// <summary>Decides and applies, as the run's coordinator does: what is ready becomes queued.</summary>
    public static RunStep Step(this RunProgress progress, IReadOnlyList<TaskInstance> news, bool everything = false, Func<int, TaskInstance, WhenResult>? when = null)
    {
        var step = RunMachine.Decide(progress, news, everything, when ?? ((_, _) => WhenResult.Met), Now);
        foreach (var task in step.Settled.Concat(news)) progress.Apply(task);
        foreach (var task in step.Ready) progress.Apply(task with { State = TaskState.Queued, Epoch = 1 });
        if (step.End is { } end) progress.Apply(progress.Run with { State = end });
        return step;
    }

    /// <summary>The instance as finished.</summary>
    public static TaskInstance Ended(this RunProgress progress, string task, TaskState state, int index = TaskKey.NotMapped) =>
        progress.Find(new TaskKey(RunId, new TaskId(task), index)).ShouldNotBeNull() with { State = state };

    public static IEnumerable<string> Names(this IEnumerable<TaskInstance> tasks) =>
        tasks.Select(task => task.Key.IsMapped ? $"{task.Key.Task}/{task.Key.MapIndex}" : task.Key.Task.Value);
}
