using System.Text.Json;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Simulation.Audits;

/// <summary>Every command that was accepted is done once, told once, and recorded with what it really did.</summary>
internal sealed class RequestAudit(Cluster cluster)
{
    private readonly Dictionary<string, RequestRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Whether the answer to a request is recorded.</summary>
    public bool Knows(string id) => _records.ContainsKey(id);

    /// <summary>Looks at a step that was executed.</summary>
    public void Look(Step step)
    {
        var told = step.Writes.OfType<AddHistory>().Select(write => write.Row.RequestId).OfType<string>().ToArray();
        var recorded = step.Writes.OfType<AddRequest>().Select(write => write.Row).ToArray();
        if (!told.Order(StringComparer.Ordinal).SequenceEqual(recorded.Select(record => record.Id).Order(StringComparer.Ordinal)))
            cluster.Fail($"{step.Anchor}: the history tells of {string.Join(", ", told)}, recorded are {string.Join(", ", recorded.Select(record => record.Id))}");
        foreach (var record in recorded)
        {
            if (!_records.TryAdd(record.Id, record)) cluster.Fail($"request {record.Id} is done a second time: {record.Command}");
            Effect(record, step);
        }
    }

    /// <summary>When all is over: as many runs by hand as were asked for.</summary>
    public void Finish()
    {
        var asked = _records.Values.Count(record => IsA(record, "trigger"));
        var there = cluster.Auditor.Runs.Values.Count(run => run.Kind == RunKind.Manual);
        if (asked != there) cluster.Fail($"{asked} triggers were accepted, {there} runs are there");
    }

    private void Effect(RequestRecord record, Step step)
    {
        if (IsA(record, "trigger"))
        {
            var run = JsonSerializer.Deserialize<RunTriggered>(record.Reply)!.Run;
            if (step.Writes.OfType<PutRun>().Count(put => put.Expected == 0 && put.Row.Id == run) != 1) cluster.Fail($"{record}: the step makes no such run");
        }
        else if (IsA(record, "clear"))
        {
            var cleared = step.Writes.OfType<PutTask>().Count(put => put.Row is { State: TaskState.None, Reason: TaskReason.Cleared });
            var answer = JsonSerializer.Deserialize<CommandReply>(record.Reply)!;
            if (answer.Affected != cleared) cluster.Fail($"{record}: the step clears {cleared}");
        }
    }

    private static bool IsA(RequestRecord record, string verb) => record.Command.StartsWith($"{verb} ", StringComparison.Ordinal);
}
