using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Storage.InMemory;

/// <summary>Instants are stored in UTC and whole microseconds, as PostgreSQL stores them.</summary>
internal static class Precision
{
    public static DateTimeOffset Micros(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public static DateTimeOffset? Micros(this DateTimeOffset? instant) => instant?.Micros();

    public static DagHead Micros(this DagHead row) => row with
    {
        ActivatedAt = row.ActivatedAt.Micros(),
        LastLogicalDate = row.LastLogicalDate.Micros(),
        WakeAt = row.WakeAt.Micros(),
    };

    public static DagRun Micros(this DagRun row) => row with
    {
        LogicalDate = row.LogicalDate.Micros(),
        DataIntervalStart = row.DataIntervalStart.Micros(),
        DataIntervalEnd = row.DataIntervalEnd.Micros(),
        CreatedAt = row.CreatedAt.Micros(),
        StartedAt = row.StartedAt.Micros(),
        EndedAt = row.EndedAt.Micros(),
        WakeAt = row.WakeAt.Micros(),
    };

    public static TaskInstance Micros(this TaskInstance row) => row with
    {
        WakeAt = row.WakeAt.Micros(),
        ScheduledAt = row.ScheduledAt.Micros(),
        StartedAt = row.StartedAt.Micros(),
        EndedAt = row.EndedAt.Micros(),
    };

    public static Attempt Micros(this Attempt row) => row with
    {
        CreatedAt = row.CreatedAt.Micros(),
        StartedAt = row.StartedAt.Micros(),
        EndedAt = row.EndedAt.Micros(),
    };

    public static HistoryEvent Micros(this HistoryEvent row) => row with { At = row.At.Micros() };

    public static OutboxItem Micros(this OutboxItem row) => row with { DueAt = row.DueAt.Micros() };
}
