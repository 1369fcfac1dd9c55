namespace OrleansFlow.Domain.Schedules;

/// <summary>One planned run of a schedule. All times are UTC.</summary>
/// <param name="LogicalDate">The date that the run stands for; unique within a DAG.</param>
/// <param name="DataIntervalStart">Start of the data that the run covers: the logical date.</param>
/// <param name="DataIntervalEnd">End of that data: the logical date again, or the next one where <c>interval: true</c>.</param>
/// <param name="FireAt">When the run is due.</param>
public sealed record Fire(
    DateTimeOffset LogicalDate,
    DateTimeOffset DataIntervalStart,
    DateTimeOffset DataIntervalEnd,
    DateTimeOffset FireAt);

/// <summary>What a schedule owes at some moment.</summary>
/// <param name="Due">Fires to be created now, oldest first.</param>
/// <param name="Next">
/// The fire after those: in the future, the moment to wake up; already due when <paramref name="Due"/> was cut at its limit, so
/// ask again; null when the schedule has ended.
/// </param>
public sealed record DueFires(IReadOnlyList<Fire> Due, Fire? Next);
