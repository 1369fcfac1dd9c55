using System.Diagnostics.Metrics;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry.Instruments;

/// <summary>What a host measures of runs, task instances and attempts: read off the steps that it has committed. Thread-safe.</summary>
public sealed class TaskInstruments
{
    private const string NoCause = "none";
    private static readonly string s_running = Names.Of(TaskState.Running);
    private readonly Counter<long> _transitions;
    private readonly Counter<long> _illegal;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _lag;
    private readonly Histogram<double> _launch;
    private readonly Histogram<double> _work;

    internal TaskInstruments(Meter meter)
    {
        _transitions = meter.CreateCounter<long>("orleansflow.transitions", "{transition}", "States entered by runs and task instances.");
        _illegal = meter.CreateCounter<long>("orleansflow.transitions.illegal", "{event}", "Events that cannot happen in the state they met, and were ignored: each is a defect.");
        _stale = meter.CreateCounter<long>("orleansflow.reports.stale", "{event}", "Word of attempts that may no longer act, which was ignored: normal after a loss.");
        _ended = meter.CreateCounter<long>("orleansflow.attempts.ended", "{attempt}", "Attempts that have ended, by how and why.");
        _retries = meter.CreateCounter<long>("orleansflow.task.retries", "{retry}", "Attempts that ended and are to be followed by another one, by why they ended.");
        _lag = meter.CreateHistogram(
            "orleansflow.task.dispatch.lag", "s", "Time from when a task instance is ready to when its first attempt runs; waiting for slots is part of it.", advice: Buckets.Waits);
        _launch = meter.CreateHistogram("orleansflow.attempt.launch.duration", "s", "Time from the commit of the intent to when the attempt runs.", advice: Buckets.Waits);
        _work = meter.CreateHistogram("orleansflow.attempt.duration", "s", "Time that attempts ran, by how they ended.", advice: Buckets.Work);
    }

    /// <summary>Begins to count at zero: the first of something rare would else be taken for what had been there before.</summary>
    internal void Begin()
    {
        foreach (var state in Names.All<RunState>()) _transitions.Add(0, new("kind", "run"), new("state", state));
        foreach (var state in Names.All<TaskState>()) _transitions.Add(0, new("kind", "task"), new("state", state));
        foreach (var cause in Names.All<AttemptCause>())
        {
            _ended.Add(0, new("state", Names.Of(StateAfter(Names.Parse<AttemptCause>(cause)))), new("cause", cause));
            if (cause != Names.Of(AttemptCause.Cancelled)) _retries.Add(0, new KeyValuePair<string, object?>("cause", cause));
        }

        _illegal.Add(0);
    }

    private static AttemptState StateAfter(AttemptCause cause) => cause switch
    {
        AttemptCause.Application or AttemptCause.Oom or AttemptCause.Timeout => AttemptState.Failed,
        AttemptCause.Cancelled => AttemptState.Cancelled,
        _ => AttemptState.Lost,
    };

    /// <summary>An event could not happen in its state.</summary>
    internal void Illegal() => _illegal.Add(1);

    /// <summary>An attempt may no longer act.</summary>
    internal void Stale(string @event) => _stale.Add(1, new KeyValuePair<string, object?>("event", @event));

    /// <summary>A step is durable.</summary>
    internal void Committed(Step step)
    {
        foreach (var write in step.Writes)
        {
            if (write is AddHistory { Row: { Run: not null } line }) Enter(step, line);
            else if (write is PutAttempt { Row: { State: var state } attempt } && state.IsFinished()) End(step, attempt);
        }
    }

    private void Enter(Step step, HistoryEvent line)
    {
        // what people did to it stands among the states
        var kind = line.Task is null ? "run" : "task";
        var isState = line.Task is null ? Names.TryParse<RunState>(line.Kind, out _) : Names.TryParse<TaskState>(line.Kind, out _);
        if (!isState) return;
        _transitions.Add(1, new("kind", kind), new("state", line.Kind));
        if (line.Task is not null && line.Kind == s_running) Start(step, line);
    }

    private void Start(Step step, HistoryEvent line)
    {
        var key = new TaskKey(line.Run!.Value, line.Task!.Value, line.MapIndex);
        var attempt = step.Writes.OfType<PutAttempt>().Select(put => put.Row).FirstOrDefault(row => row.Key.Task == key && row.Key.Epoch == line.Epoch);
        if (attempt?.StartedAt is not { } started) return;
        _launch.Record(Seconds(attempt.CreatedAt, started));
        var task = step.Writes.OfType<PutTask>().Select(put => put.Row).FirstOrDefault(row => row.Key == key);
        if (task is { ScheduledAt: { } ready } && task.StartedAt == started) _lag.Record(Seconds(ready, started));
    }

    private void End(Step step, Attempt attempt)
    {
        var (state, cause) = (Names.Of(attempt.State), attempt.Cause is { } why ? Names.Of(why) : NoCause);
        _ended.Add(1, new("state", state), new("cause", cause));
        if (attempt is { StartedAt: { } from, EndedAt: { } to }) _work.Record(Seconds(from, to), new KeyValuePair<string, object?>("state", state));
        var task = step.Writes.OfType<PutTask>().Select(put => put.Row).FirstOrDefault(row => row.Key == attempt.Key.Task);
        if (task is not null && !task.State.IsFinished() && attempt.Cause is not AttemptCause.Cancelled)
            _retries.Add(1, new KeyValuePair<string, object?>("cause", cause));
    }

    // Of two machines' clocks one may be behind.
    private static double Seconds(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, (to - from).TotalSeconds);
}
