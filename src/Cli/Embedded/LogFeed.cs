using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Cli.Embedded;

/// <summary>Follows the logs of a run's tasks by reading on in them whenever somebody has looked at the run.</summary>
/// <param name="store">The logs.</param>
/// <param name="logs">The same, record by record.</param>
/// <param name="selection">Whose.</param>
/// <param name="progress">Told what people should know.</param>
internal sealed class LogFeed(ILogStore store, ILogs logs, LogSelection selection, IProgress<string> progress)
{
    private readonly Dictionary<AttemptKey, LogReader> _readers = [];
    private readonly HashSet<AttemptKey> _ended = [];

    /// <summary>What is there and what comes, until the tasks have ended.</summary>
    /// <param name="updates">Looks at the run.</param>
    /// <param name="isHosted">Whether anybody lets the run go on.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<LogLine> FollowAsync(
        IAsyncEnumerable<RunUpdate> updates, Func<Task<bool>> isHosted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var told = false;
        // what begins later is told from its beginning
        var tail = selection.Tail;
        await foreach (var update in updates)
        {
            var now = RunDocument.Of(update.Detail);
            foreach (var attempt in Due(now))
                await foreach (var record in ReadOnAsync(update.Run.Dag, attempt, tail, cancellation))
                    yield return new LogLine(attempt.Key, record);
            tail = null;
            if (selection.IsOver(now)) yield break;
            if (told || update.Run.State.IsFinished() || await isHosted()) continue;
            progress.Report($"nobody hosts the engine, so the run stands still; flow runs watch {update.Run.Id} makes it go on");
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

    private async IAsyncEnumerable<LogRecord> ReadOnAsync(DagId dag, Attempt attempt, int? tail, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_readers.TryGetValue(attempt.Key, out var reader)) _readers.Add(attempt.Key, reader = new LogReader(store, dag, attempt.Key));
        var ended = attempt.State.IsFinished();
        var records = reader.ReadAsync(ended, cancellation);
        await foreach (var record in tail is { } last ? records.TakeLast(last) : records) yield return record;
        if (!ended) yield break;
        _ended.Add(attempt.Key);
        if (reader.IsEmpty && await logs.ExplainMissingAsync(attempt, cancellation) is { } why) progress.Report(why);
    }
}
