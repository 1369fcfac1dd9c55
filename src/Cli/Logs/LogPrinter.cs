using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Output;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Logs;

/// <summary>Writes logs to standard output, line by line: bare for a single task, with the task's name before them for several.</summary>
internal sealed class LogPrinter(Invocation flow, IEngineReader engine, bool single)
{
    private const int PieceBytes = 64 * 1024;

    private static readonly Shape<LogLine> Shape = new Shape<LogLine>()
        .Text("task", l => l.Attempt.Task.Task.Value)
        .Number("mapIndex", l => TaskDocument.MapIndex(l.Attempt.Task))
        .Number("epoch", l => l.Attempt.Epoch)
        .Text("line", l => l.Text);

    private readonly Dictionary<AttemptKey, Reading> _readings = [];
    private bool _following;
    private int _items;

    /// <summary>Prints what is there.</summary>
    /// <exception cref="CliException">The attempt that was asked for does not exist.</exception>
    public async Task PrintAsync(RunDocument run, LogSelection selection, CancellationToken cancellation)
    {
        var attempts = selection.Attempts(run).ToList();
        if (attempts.Count == 0 && selection.Epoch is { } epoch)
            throw CliException.Invalid($"task '{selection.Task!.Value.Task}' of run {run.Run.Id} has no attempt {epoch}");
        if (attempts.Count == 0) flow.Messages.Say("nothing was started yet, so there are no logs; flow why says what it waits for");
        foreach (var attempt in attempts) await DrainAsync(attempt, ends: true, cancellation);
        if (!flow.Output.ForPeople) flow.Output.End(_items);
    }

    /// <summary>Prints what is there and what comes, until the tasks have ended.</summary>
    public async Task FollowAsync(RunId run, LogSelection selection, CancellationToken cancellation)
    {
        var told = false;
        _following = true;
        await foreach (var update in new RunFeed(engine.Queries, flow.Screen.Time).FollowAsync(run, cancellation))
        {
            var document = RunDocument.Of(update.Detail);
            foreach (var attempt in Due(document, selection)) await DrainAsync(attempt, attempt.State.IsFinished(), cancellation);
            await flow.Output.Plain.FlushAsync(cancellation);
            if (selection.IsOver(document)) return;
            if (told || update.Detail.Run.State.IsFinished() || await engine.FindHostAsync(cancellation) is not null) continue;
            flow.Messages.Say($"nobody hosts the engine, so the run stands still; flow runs watch {run} makes it go on");
            told = true;
        }
    }

    /// <summary>Those selected, and those that were being read when a later attempt took their place.</summary>
    private IEnumerable<Attempt> Due(RunDocument run, LogSelection selection)
    {
        var selected = selection.Attempts(run).ToList();
        var begun = run.Tasks.SelectMany(t => t.Attempts).Where(a => _readings.GetValueOrDefault(a.Key) is { Ended: false });
        return begun.Concat(selected).DistinctBy(a => a.Key).Where(a => _readings.GetValueOrDefault(a.Key) is not { Ended: true });
    }

    private async Task DrainAsync(Attempt attempt, bool ends, CancellationToken cancellation)
    {
        if (!_readings.TryGetValue(attempt.Key, out var reading)) _readings.Add(attempt.Key, reading = new Reading());
        while (true)
        {
            var piece = await engine.Logs.ReadAsync(attempt, reading.Offset, PieceBytes, cancellation);
            if (piece.Bytes.IsEmpty) break;
            reading.Offset += piece.Bytes.Length;
            Write(attempt, reading.Lines.Add(piece.Bytes.Span));
        }

        if (!ends) return;
        Write(attempt, reading.Lines.End());
        reading.Ended = true;
    }

    private void Write(Attempt attempt, IReadOnlyList<string> lines)
    {
        var name = TaskName.Of(attempt.Key.Task);
        foreach (var line in lines)
        {
            var document = new LogLine(attempt.Key, line);
            if (!flow.Output.ForPeople && _following) flow.Output.Next(document, Shape, l => l.Text);
            else if (!flow.Output.ForPeople) flow.Output.Item(document, Shape, ref _items);
            else flow.Output.Plain.WriteLine(single ? line : $"{flow.Output.Paint.Faint(name + " |")} {line}");
        }
    }

    private sealed record LogLine(AttemptKey Attempt, string Text);

    private sealed class Reading
    {
        public LineSplitter Lines { get; } = new();

        public long Offset { get; set; }

        public bool Ended { get; set; }
    }
}
