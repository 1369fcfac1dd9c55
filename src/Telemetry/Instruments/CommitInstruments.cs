using System.Diagnostics.Metrics;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Telemetry.Instruments;

/// <summary>What a host measures of its commits. Thread-safe.</summary>
public sealed class CommitInstruments
{
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _batchDuration;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _steps;

    internal CommitInstruments(Meter meter)
    {
        _duration = meter.CreateHistogram(
            "orleansflow.commit.duration", "s", "Time from when a coordinator hands in a step to when its outcome is known.", advice: Buckets.Short);
        _batchDuration = meter.CreateHistogram(
            "orleansflow.commit.batch.duration", "s", "Time that the database takes for a batch of steps: one transaction.", advice: Buckets.Short);
        _batchSize = meter.CreateHistogram("orleansflow.commit.batch.size", "{step}", "Steps of a batch.", advice: Buckets.Sizes);
        _steps = meter.CreateCounter<long>("orleansflow.commit.steps", "{step}", "Steps by the row of their coordinator and by what became of them.");
    }

    /// <summary>A batch was executed.</summary>
    internal void Executed(int steps, TimeSpan duration)
    {
        _batchSize.Record(steps);
        _batchDuration.Record(duration.TotalSeconds);
    }

    /// <summary>A step has its outcome.</summary>
    internal void Settled(Step step, StepOutcome outcome, TimeSpan latency)
    {
        _duration.Record(latency.TotalSeconds);
        _steps.Add(1, new("kind", Names.Of(step.Anchor.Kind)), new("outcome", Names.Of(outcome.Status)));
    }
}
