using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Logs;

/// <summary>Prints logs: what is there, or also what comes.</summary>
internal sealed class LogPrinter(Invocation flow, IEngineReader engine, LogSelection selection)
{
    private readonly Dictionary<AttemptKey, LogReader> _readers = [];
    private readonly HashSet<AttemptKey> _ended = [];

    /// <summary>Prints what is there.</summary>
    /// <exception cref="CliException">The attempt that was asked for does not exist.</exception>
    public async Task PrintAsync(RunDocument run, CancellationToken cancellation)
    {
        var attempts = selection.Attempts(run).ToList();
        if (attempts.Count == 0 && selection.Epoch is { } epoch)
            throw CliException.Invalid($"task '{selection.Task!.Value.Task}' of run {run.Run.Id} has no attempt {epoch}");
        if (attempts.Count == 0) flow.Messages.Say("nothing was started yet, so there are no logs; flow why says what it waits for");
        var writer = new LogWholeWriter(flow, selection.IsSingle(run));
        foreach (var attempt in attempts)
        {
            var reader = new LogReader(engine.Logs, run.Run.Dag, attempt.Key);
            await foreach (var record in reader.ReadAsync(ended: true, cancellation)) writer.Write(attempt.Key, record);
            writer.EndLine();
            if (reader.IsEmpty) await ExplainAsync(attempt, cancellation);
        }

        writer.End();
    }

    /// <summary>Prints what is there and what comes, until the tasks have ended.</summary>
    public async Task FollowAsync(RunDocument run, CancellationToken cancellation)
    {
        var writer = new LogStreamWriter(flow, selection.IsSingle(run));
        if (engine is IRemoteEngine remote)
        {
            var seen = new HashSet<AttemptKey>();
            await foreach (var line in remote.LogsAsync(selection.Query(run.Run.Id), cancellation))
            {
                seen.Add(line.Attempt);
                writer.Write(line.Attempt, line.Record);
            }

            foreach (var attempt in selection.Attempts(run).Where(attempt => !seen.Contains(attempt.Key))) await ExplainAsync(attempt, cancellation);
            return;
        }

        var told = false;
        await foreach (var update in new RunFeed(engine.Queries, flow.Screen.Time, waits: async () => await engine.FindHostAsync(cancellation) is not null)
            .FollowAsync(run.Run.Id, cancellation))
        {
            var now = RunDocument.Of(update.Detail);
            foreach (var attempt in Due(now)) await ReadOnAsync(writer, run.Run.Dag, attempt, cancellation);
            await flow.Output.Plain.FlushAsync(cancellation);
            if (selection.IsOver(now)) return;
            if (told || update.Detail.Run.State.IsFinished() || await engine.FindHostAsync(cancellation) is not null) continue;
            flow.Messages.Say($"nobody hosts the engine, so the run stands still; flow runs watch {run.Run.Id} makes it go on");
            told = true;
        }
    }

    /// <summary>Those that were being read when a later attempt took their place, and those selected.</summary>
    private List<Attempt> Due(RunDocument run) =>
    [
        .. run.Tasks.SelectMany(t => t.Attempts).Where(a => _readers.ContainsKey(a.Key))
            .Concat(selection.Attempts(run))
            .DistinctBy(a => a.Key)
            .Where(a => !_ended.Contains(a.Key)),
    ];

    // No log, of an attempt that ended before all that are kept.
    private async Task ExplainAsync(Attempt attempt, CancellationToken cancellation)
    {
        if (attempt.EndedAt is { } ended && ended < await engine.Logs.ReadRemovedBeforeAsync(cancellation))
            flow.Messages.Say($"the log of attempt {attempt.Key.Epoch} of {TaskName.Of(attempt.Key.Task)} was removed: logs are kept for a time after the end of their run, and that time is over");
    }

    private async Task ReadOnAsync(LogStreamWriter writer, DagId dag, Attempt attempt, CancellationToken cancellation)
    {
        if (!_readers.TryGetValue(attempt.Key, out var reader)) _readers.Add(attempt.Key, reader = new LogReader(engine.Logs, dag, attempt.Key));
        var ended = attempt.State.IsFinished();
        await foreach (var record in reader.ReadAsync(ended, cancellation)) writer.Write(attempt.Key, record);
        if (ended) _ended.Add(attempt.Key);
        if (ended && reader.IsEmpty) await ExplainAsync(attempt, cancellation);
    }
}
