using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Queries;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansFlow.Cli.Following;

/// <summary>
/// A table on the terminal that is drawn again whenever something changes or is said, and while nothing does every second, since what runs
/// takes longer and longer: what runs first, what has ended last.
/// </summary>
internal sealed class LiveRunView(Invocation flow, ILogs logs) : IRunView
{
    /// <summary>Lines of the terminal that are not rows of tasks: the title, the header, borders, the rest of the count, the prompt.</summary>
    private const int Frame = 6;

    private static readonly TimeSpan DrawEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<RunDetail> ShowAsync(IAsyncEnumerable<RunUpdate> updates)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(flow.Messages.Writer),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.No,
            ColorSystem = flow.Messages.Paint.Enabled ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        });
        var notices = new NoticeBoard();
        flow.Messages.Divert(notices.Put);
        await using var lines = new LastLines(logs, flow.Screen.Time);
        lines.Start();
        try
        {
            return await console.Live(new Text("")).AutoClear(true).StartAsync(async live =>
            {
                RunUpdate? last = null;
                await foreach (var update in updates.WithPauses(DrawEvery, flow.Screen.Time, CancellationToken.None, wake: notices.NextAsync))
                {
                    last = update ?? last;
                    if (last is null && notices.Last is null) continue;
                    live.UpdateTarget(last is null ? new Text(notices.Last!) : Draw(last.Detail, flow.Now, console.Profile.Height, notices.Last, lines));
                    live.Refresh();
                }

                return last!.Detail;
            });
        }
        finally
        {
            flow.Messages.Divert(null);
            foreach (var line in notices.All) flow.Messages.Line(line);
        }
    }

    /// <summary>What stands on the terminal: a title, the table, and below it what does not fit and the last notice.</summary>
    internal static IRenderable Draw(RunDetail detail, DateTimeOffset now, int height, string? notice, LastLines lines)
    {
        var rows = detail.Tasks.OrderBy(t => Rank(t.State)).ThenBy(t => t.StartedAt).ThenBy(t => t.Key).ToList();
        var shown = rows.Take(Math.Max(3, height - Frame)).ToList();
        var attempts = detail.Attempts.ToLookup(a => a.Key.Task);
        var table = new Table().Border(TableBorder.None);
        foreach (var column in (string[])["TASK", "STATE", "REASON", "ATTEMPT", "ELAPSED", "LAST LINE"])
            table.AddColumn(new TableColumn(column).NoWrap().Padding(0, 0, 2, 0));
        var running = shown.Where(task => task.State == TaskState.Running).Select(task => attempts[task.Key].LastOrDefault()).OfType<Attempt>();
        lines.Want([.. running.Select(attempt => (detail.Run.Dag, attempt.Key))]);
        foreach (var task in shown) table.AddRow(Row(detail, task, attempts[task.Key].LastOrDefault(), now, lines));
        var hidden = rows.Count - shown.Count;
        var caption = string.Join("; ", new[] { hidden > 0 ? $"... and {Words.Count(hidden, "task")} more" : null, notice }.OfType<string>());
        return caption.Length == 0 ? new Rows(new Text(Title(detail, now)), table) : new Rows(new Text(Title(detail, now)), table, new Text(caption));
    }

    // what a task says of itself is worth more than the line that it happened to print last
    private static Text[] Row(RunDetail run, TaskInstance task, Attempt? attempt, DateTimeOffset now, LastLines lines)
    {
        var line = task.State == TaskState.Running && attempt is not null
            ? run.Progress.GetValueOrDefault(task.Key)?.ToString() ?? lines.Of(attempt.Key) ?? task.Detail
            : task.Detail;
        var color = Color(task.State);
        return
        [
            new Text(TaskName.Of(task.Key)),
            new Text(Names.Of(task.State), new Style(color)),
            new Text(Names.Of(task.Reason)),
            new Text(task.Epoch == 0 ? "" : Words.Whole(task.Epoch)),
            new Text(Words.Duration(task.StartedAt, task.EndedAt ?? now) ?? ""),
            new Text(line?.ReplaceLineEndings(" ") ?? "").Overflow(Overflow.Ellipsis),
        ];
    }

    private static string Title(RunDetail detail, DateTimeOffset now)
    {
        var finished = detail.Tasks.Count(t => t.State.IsFinished());
        var elapsed = Words.Duration(detail.Run.StartedAt, detail.Run.EndedAt ?? now);
        return $"{detail.Run.Dag} {detail.Run.Id}: {Names.Of(detail.Run.State)}, {Words.Whole(finished)} of "
            + $"{Words.Count(detail.Tasks.Count, "task")} finished{(elapsed is null ? "" : $", {elapsed}")}";
    }

    private static int Rank(TaskState state) => state switch
    {
        TaskState.Running or TaskState.Restarting => 1,
        TaskState.Failed => 2,
        TaskState.Queued => 3,
        TaskState.UpForRetry or TaskState.UpForReschedule or TaskState.Deferred => 4,
        TaskState.Scheduled => 5,
        TaskState.None => 6,
        TaskState.UpstreamFailed => 7,
        _ => 8,
    };

    private static Color Color(TaskState state) => state switch
    {
        TaskState.Success => Spectre.Console.Color.Green,
        TaskState.Failed or TaskState.UpstreamFailed => Spectre.Console.Color.Red,
        TaskState.Running => Spectre.Console.Color.Aqua,
        TaskState.Queued or TaskState.Scheduled or TaskState.UpForRetry => Spectre.Console.Color.Yellow,
        _ => Spectre.Console.Color.Grey,
    };
}
