using System.Diagnostics.Metrics;
using OrleansFlow.Telemetry.Instruments;

namespace OrleansFlow.Telemetry;

/// <summary>The meter of a host, with the instruments of each of its parts. Thread-safe.</summary>
public sealed class FlowMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "OrleansFlow";

    /// <summary>Creates the instruments; they cost next to nothing while nobody listens.</summary>
    /// <param name="facts">What can be asked of the host.</param>
    public FlowMeter(HostFacts facts)
    {
        Meter = new Meter(Name);
        Commits = new CommitInstruments(Meter);
        Tasks = new TaskInstruments(Meter);
        Host = new HostInstruments(Meter, facts);
    }

    /// <summary>The meter itself.</summary>
    public Meter Meter { get; }

    /// <summary>Of commits.</summary>
    public CommitInstruments Commits { get; }

    /// <summary>Of runs, task instances and attempts.</summary>
    public TaskInstruments Tasks { get; }

    /// <summary>Of the host.</summary>
    public HostInstruments Host { get; }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();
}
