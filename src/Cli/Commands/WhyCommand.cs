using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Explaining;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow why</c>: what a task or a whole run waits for, or how it ended.</summary>
internal static class WhyCommand
{
    private static readonly Shape<Answer> Shape = new Shape<Answer>()
        .Text("run", a => a.Run.Value)
        .Text("task", a => a.Task?.Value)
        .Number("mapIndex", a => a.MapIndex)
        .Text("state", a => a.State)
        .Text("reason", a => a.Reason)
        .Text("summary", a => a.Why.Summary)
        .Texts("facts", a => a.Why.Facts)
        .Text("advice", a => a.Why.Advice);

    public static Command Build(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        task.Arity = ArgumentArity.ZeroOrOne;
        task.Description = "A task, or an element of a mapped one: task[3] (default: the run itself).";
        return create.Create(
            "why", "Says why a task or a run waits, or how its last attempt ended and what to do.", [run, task], async (args, flow, cancellation) =>
            {
                TaskArgument? argument = args.GetValue(task) is { } text ? Arguments.ReadTask(text) : null;
                await using var engine = await flow.ReadAsync(cancellation);
                var detail = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
                var answer = argument is { } wanted
                    ? await OfTaskAsync(flow, engine, detail, wanted, cancellation)
                    : await OfRunAsync(flow, engine, detail, cancellation);
                Write(flow.Output, await WithHostAsync(flow, answer, engine, detail, cancellation));
                return ExitCode.Success;
            });
    }

    private static async Task<Answer> OfRunAsync(Invocation flow, IEngineReader engine, RunDetail detail, CancellationToken cancellation) =>
        new(detail.Run.Id, null, null, Names.Of(detail.Run.State), null, await RunExplainer.ExplainAsync(flow.Command, engine, detail, cancellation));

    /// <summary>What is said of a run that goes on holds only while somebody lets it.</summary>
    private static async Task<Answer> WithHostAsync(Invocation flow, Answer answer, IEngineReader engine, RunDetail detail, CancellationToken cancellation)
    {
        if (detail.Run.State != RunState.Running || engine.Server is not null || await engine.FindHostAsync(cancellation) is not null) return answer;
        var still = $"nobody hosts the engine now, so the run stands still and what is said here was so when its host went: {flow.Command($"runs watch {detail.Run.Id}")} makes it go on";
        return answer with { Why = answer.Why with { Facts = [.. answer.Why.Facts, still] } };
    }

    private static async Task<Answer> OfTaskAsync(
        Invocation flow, IEngineReader engine, RunDetail detail, TaskArgument argument, CancellationToken cancellation)
    {
        // the tasks of a run are made when it leaves the queue
        if (detail is { Run.State: RunState.Queued, Tasks.Count: 0 } && await HasTaskAsync(engine, detail, argument.Task, cancellation))
            return new Answer(
                detail.Run.Id, argument.Task, argument.MapIndex, Names.Of(TaskState.None), null, await RunExplainer.ExplainAsync(flow.Command, engine, detail, cancellation));
        var found = Targets.FindTask(RunDocument.Of(detail), argument);
        var (key, task) = (found.Task.Key, found.Task);
        return new Answer(
            key.Run, key.Task, key.IsMapped ? key.MapIndex : null, Names.Of(task.State), Names.Of(task.Reason), await engine.ExplainAsync(detail, found, flow.Now, cancellation));
    }

    private static async Task<bool> HasTaskAsync(IEngineReader engine, RunDetail detail, TaskId task, CancellationToken cancellation) =>
        await engine.FindVersionAsync(detail.Run.Dag, detail.Run.VersionHash, cancellation) is { } version
        && CanonicalJson.Read(version.Spec).Tasks.Any(t => t.Id == task);

    private static void Write(OutputWriter output, Answer answer)
    {
        if (output.ForPeople) ExplanationText.Write(output.Plain, output.Paint, answer.Subject, answer.Why);
        else output.Show(answer, Shape);
    }

    private sealed record Answer(RunId Run, TaskId? Task, int? MapIndex, string State, string? Reason, Explanation Why)
    {
        public string Subject => Task is not { } task ? $"run {Run}" : MapIndex is { } index ? TaskName.Of(task, index) : task.Value;
    }
}
