using System.Diagnostics;
using OpenTelemetry.Trace;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry.Tracing;

/// <summary>
/// The traces of runs: a span for the run and one for each attempt, told when they end, from the rows that say so; and one for each commit.
/// A host that takes over goes on with the same trace. Thread-safe.
/// </summary>
public sealed class RunTraces : IDisposable
{
    /// <summary>The source's name.</summary>
    public const string Name = "OrleansFlow";

    private readonly ActivitySource _source = new(Name);
    private readonly Spans _spans;
    private readonly TraceIds _ids;
    private readonly Sampler _sampler;
    private readonly TimeProvider _time;

    internal RunTraces(Guid installation, Sampler sampler, TimeProvider time)
    {
        (_ids, _sampler, _time) = (new TraceIds(installation), sampler, time);
        _spans = new Spans(_source);
    }

    /// <summary>What an attempt is given as <c>TRACEPARENT</c>, so that its own spans are below its own.</summary>
    public string Traceparent(AttemptKey attempt)
    {
        var context = ContextOf(attempt);
        return $"00-{context.TraceId.ToHexString()}-{context.SpanId.ToHexString()}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";
    }

    /// <summary>The span of a run.</summary>
    public ActivityContext ContextOf(RunId run) => new(_ids.TraceOf(run), _ids.SpanOf(run), FlagsOf(run));

    /// <summary>A command is given to a run, or to what makes one: a span of the caller's trace.</summary>
    /// <param name="owner">The kind of the row whose coordinator is asked.</param>
    internal Activity? Begin(RowKind owner) => _source.StartActivity($"ask {Names.Of(owner)}", ActivityKind.Producer);

    /// <summary>The run that a command was for: the two traces are linked, each to the other.</summary>
    /// <param name="command">The span of the command.</param>
    /// <param name="run">The run.</param>
    internal void Link(Activity command, RunId run)
    {
        var context = ContextOf(run);
        command.AddLink(new ActivityLink(context));
        _spans.Tell(Below(context), context.SpanId, new PastSpan
        {
            Name = command.DisplayName,
            Kind = ActivityKind.Consumer,
            From = new DateTimeOffset(command.StartTimeUtc),
            To = _time.GetUtcNow(),
            Links = [new ActivityLink(command.Context)],
            Tags = [new("orleansflow.run.id", run.Value)],
        });
    }

    /// <summary>A step is durable.</summary>
    internal void Committed(Step step, TimeSpan latency)
    {
        if (RunOf(step) is not { } run || FlagsOf(run) == ActivityTraceFlags.None) return;
        var attempts = step.Writes.OfType<PutAttempt>().Select(put => put.Row).ToArray();
        foreach (var attempt in attempts.Where(attempt => attempt.State.IsFinished())) Tell(step, attempt);
        foreach (var put in step.Writes.OfType<PutRun>().Where(put => put.Row.State.IsFinished() && Ends(step, put.Row))) Tell(put.Row);
        var now = _time.GetUtcNow();
        var parent = attempts is [var only] ? ContextOf(only.Key) : ContextOf(run);
        _spans.Tell(Below(parent), parent.SpanId, new PastSpan
        {
            Name = $"commit {Names.Of(step.Anchor.Kind)}",
            Kind = ActivityKind.Client,
            From = now - latency,
            To = now,
            Tags = [new("db.system.name", "postgresql"), new("orleansflow.run.id", run.Value), new("orleansflow.writes", step.Writes.Count)],
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private ActivityContext ContextOf(AttemptKey attempt) => new(_ids.TraceOf(attempt.Task.Run), _ids.SpanOf(attempt), FlagsOf(attempt.Task.Run));

    private static ActivityContext Below(ActivityContext parent) => new(parent.TraceId, ActivitySpanId.CreateRandom(), parent.TraceFlags);

    private ActivityTraceFlags FlagsOf(RunId run)
    {
        var asked = new SamplingParameters(default, _ids.TraceOf(run), "run", ActivityKind.Internal, [], []);
        return _sampler.ShouldSample(asked).Decision == SamplingDecision.RecordAndSample ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None;
    }

    // The run's row is put again afterwards, when its DAG has heard of its end.
    private static bool Ends(Step step, DagRun run) =>
        step.Writes.OfType<AddHistory>().Any(line => line.Row is { Task: null } row && row.Run == run.Id && row.Kind == Names.Of(run.State));

    private static RunId? RunOf(Step step) => step.Anchor.Kind is RowKind.Run or RowKind.Task
        ? new RunId(step.Anchor.Id)
        : step.Writes.OfType<PutRun>().Select(put => (RunId?)put.Row.Id).FirstOrDefault();

    private void Tell(DagRun run) => _spans.Tell(ContextOf(run.Id), null, new PastSpan
    {
        Name = $"run {run.Dag.Value}",
        From = run.CreatedAt,
        To = run.EndedAt ?? _time.GetUtcNow(),
        Tags =
        [
            new("orleansflow.dag.id", run.Dag.Value), new("orleansflow.run.id", run.Id.Value), new("orleansflow.run.kind", Names.Of(run.Kind)),
            new("orleansflow.state", Names.Of(run.State)),
        ],
        Events = run.StartedAt is { } started ? [new ActivityEvent("started", started)] : [],
        Problem = run.State == RunState.Success ? null : run.Detail ?? Names.Of(run.State),
    });

    private void Tell(Step step, Attempt attempt)
    {
        var task = attempt.Key.Task;
        var dag = step.Writes.OfType<AddHistory>().Select(line => line.Row).FirstOrDefault(row => row.Run == task.Run)?.Dag;
        var tags = new List<KeyValuePair<string, object?>>
        {
            new("orleansflow.dag.id", dag?.Value), new("orleansflow.run.id", task.Run.Value), new("orleansflow.task.id", task.Task.Value),
            new("orleansflow.attempt.epoch", attempt.Key.Epoch), new("orleansflow.state", Names.Of(attempt.State)),
            new("orleansflow.backend", attempt.Backend), new("host.name", attempt.Node),
        };
        if (task.IsMapped) tags.Add(new("orleansflow.map.index", task.MapIndex));
        if (attempt.Cause is { } cause) tags.Add(new("orleansflow.cause", Names.Of(cause)));
        if (attempt.ExitCode is { } code) tags.Add(new("process.exit.code", code));
        _spans.Tell(ContextOf(attempt.Key), _ids.SpanOf(task.Run), new PastSpan
        {
            Name = $"task {task.Task.Value}",
            From = attempt.CreatedAt,
            To = attempt.EndedAt ?? _time.GetUtcNow(),
            Tags = tags.Where(tag => tag.Value is not null),
            Events = attempt.StartedAt is { } started ? [new ActivityEvent("started", started)] : [],
            Problem = attempt.State == AttemptState.Succeeded ? null : Names.Of(attempt.Cause ?? AttemptCause.Unknown),
        });
    }
}
