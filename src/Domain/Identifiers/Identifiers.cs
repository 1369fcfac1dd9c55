using System.Globalization;

namespace OrleansFlow.Domain.Identifiers;

/// <summary>The id of a DAG, unique in an installation.</summary>
/// <param name="Value">Checked by <see cref="IdRules"/> where it enters the system.</param>
public readonly record struct DagId(string Value) : IComparable<DagId>
{
    /// <inheritdoc/>
    public int CompareTo(DagId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The id of a run, unique in an installation and safe as a path segment: <c>manual-20240101T000000Z-x7k2p</c>.</summary>
/// <param name="Value">The text.</param>
public readonly record struct RunId(string Value) : IComparable<RunId>
{
    /// <summary>Composes an id from what created the run, its logical date and a few random characters.</summary>
    /// <param name="kind">Why the run exists.</param>
    /// <param name="logicalDate">The run's logical date; shown to the second.</param>
    /// <param name="suffix">Lower-case letters and digits that make the id unique.</param>
    public static RunId Create(Runs.RunKind kind, DateTimeOffset logicalDate, string suffix)
    {
        var at = logicalDate.UtcDateTime;
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"{Names.Of(kind)}-{at.Year:D4}{at.Month:D2}{at.Day:D2}T{at.Hour:D2}{at.Minute:D2}{at.Second:D2}Z-{suffix}"));
    }

    /// <inheritdoc/>
    public int CompareTo(RunId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The id of a task within its DAG; inside groups <c>group.task</c>.</summary>
/// <param name="Value">Checked by <see cref="IdRules"/> where it enters the system.</param>
public readonly record struct TaskId(string Value) : IComparable<TaskId>
{
    /// <inheritdoc/>
    public int CompareTo(TaskId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One task instance: a task of a run, or one element of a mapped task of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Task">The task.</param>
/// <param name="MapIndex">The element's index from 0, or <see cref="NotMapped"/>.</param>
public readonly record struct TaskKey(RunId Run, TaskId Task, int MapIndex = TaskKey.NotMapped) : IComparable<TaskKey>
{
    /// <summary>The map index of an instance of a task that is not mapped.</summary>
    public const int NotMapped = -1;

    /// <summary>Whether this is an element of a mapped task.</summary>
    public bool IsMapped => MapIndex != NotMapped;

    /// <inheritdoc/>
    public int CompareTo(TaskKey other)
    {
        var byRun = Run.CompareTo(other.Run);
        if (byRun != 0) return byRun;
        var byTask = Task.CompareTo(other.Task);
        return byTask != 0 ? byTask : MapIndex.CompareTo(other.MapIndex);
    }

    /// <summary><c>task</c> or <c>task[3]</c>, as people name it within its run.</summary>
    public string Label => IsMapped ? string.Create(CultureInfo.InvariantCulture, $"{Task}[{MapIndex}]") : Task.Value;

    /// <summary><c>run/task</c> or <c>run/task/3</c>, as people and paths name it.</summary>
    public override string ToString() => IsMapped
        ? string.Create(CultureInfo.InvariantCulture, $"{Run}/{Task}/{MapIndex}")
        : $"{Run}/{Task}";
}

/// <summary>One attempt of a task instance.</summary>
/// <param name="Task">The task instance.</param>
/// <param name="Epoch">The attempt's number from 1, assigned in the database; it never repeats, not after a clear either.</param>
public readonly record struct AttemptKey(TaskKey Task, int Epoch) : IComparable<AttemptKey>
{
    /// <inheritdoc/>
    public int CompareTo(AttemptKey other)
    {
        var byTask = Task.CompareTo(other.Task);
        return byTask != 0 ? byTask : Epoch.CompareTo(other.Epoch);
    }

    /// <summary><c>run/task#2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Task}#{Epoch}");
}
