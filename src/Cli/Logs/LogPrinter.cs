using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Logs;

/// <summary>Prints logs: what is there, or also what comes.</summary>
internal sealed class LogPrinter(Invocation flow, IEngineReader engine, LogSelection selection)
{
    /// <summary>Prints what is there.</summary>
    /// <exception cref="CliException">The attempt that was asked for does not exist.</exception>
    public async Task PrintAsync(RunDocument run, CancellationToken cancellation)
    {
        var attempts = selection.Attempts(run).ToList();
        if (attempts.Count == 0 && selection.Epoch is { } epoch)
            throw CliException.Invalid($"task '{selection.Task}' of run {run.Run.Id} has no attempt {epoch}");
        if (attempts.Count == 0) flow.Messages.Say("nothing was started yet, so there are no logs; flow why says what it waits for");
        var writer = new LogWholeWriter(flow, selection.IsSingle(run));
        foreach (var attempt in attempts)
        {
            var isEmpty = true;
            await foreach (var record in engine.Logs.ReadAsync(run.Run.Dag, attempt.Key, selection.Tail, cancellation))
            {
                writer.Write(attempt.Key, record);
                isEmpty = false;
            }

            writer.EndLine();
            if (isEmpty && await engine.Logs.ExplainMissingAsync(attempt, cancellation) is { } why) flow.Messages.Say(why);
        }

        writer.End();
    }

    /// <summary>Prints what is there and what comes, until the tasks have ended.</summary>
    public async Task FollowAsync(RunDocument run, CancellationToken cancellation)
    {
        var writer = new LogStreamWriter(flow, selection.IsSingle(run));
        var seen = new HashSet<AttemptKey>();
        await foreach (var line in engine.FollowLogsAsync(run.Run.Id, selection, cancellation))
        {
            seen.Add(line.Attempt);
            writer.Write(line);
        }

        if (engine.Server is null) return;
        foreach (var attempt in selection.Attempts(run).Where(attempt => !seen.Contains(attempt.Key)))
            if (await engine.Logs.ExplainMissingAsync(attempt, cancellation) is { } why)
                flow.Messages.Say(why);
    }
}
