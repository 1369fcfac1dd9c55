using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Explaining;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow why</c>: what a task waits for, or how its last attempt ended.</summary>
internal static class WhyCommand
{
    private static readonly Shape<Answer> Shape = new Shape<Answer>()
        .Text("run", a => a.Task.Key.Run.Value)
        .Text("task", a => a.Task.Key.Task.Value)
        .Number("mapIndex", a => TaskDocument.MapIndex(a.Task.Key))
        .Name("state", a => (TaskState?)a.Task.State)
        .Name("reason", a => (TaskReason?)a.Task.Reason)
        .Text("summary", a => a.Why.Summary)
        .Texts("facts", a => a.Why.Facts)
        .Text("advice", a => a.Why.Advice);

    public static Command Build(CommandFactory create)
    {
        var run = Arguments.Run();
        var task = Arguments.Task();
        return create.Create(
            "why", "Says why a task waits, or how its last attempt ended and what to do.", [run, task], async (args, flow, cancellation) =>
            {
                var argument = Arguments.ReadTask(args.GetValue(task)!);
                await using var engine = await flow.ReadAsync(cancellation);
                var detail = await Targets.FindRunAsync(engine.Queries, args.GetValue(run)!, cancellation);
                var found = Targets.FindTask(RunDocument.Of(detail), argument);
                Write(flow.Output, new Answer(found.Task, await engine.ExplainAsync(detail, found, flow.Now, cancellation)));
                return ExitCode.Success;
            });
    }

    private static void Write(OutputWriter output, Answer answer)
    {
        if (output.ForPeople) ExplanationText.Write(output.Plain, output.Paint, TaskName.Of(answer.Task.Key), answer.Why);
        else output.Show(answer, Shape);
    }

    private sealed record Answer(TaskInstance Task, Explanation Why);
}
