using OrleansFlow.Cli.Documents;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Cli.Engine;

/// <summary>Whose logs were asked for.</summary>
/// <param name="Task">Which task; null: all.</param>
/// <param name="MapIndex">Which element of it; null: all.</param>
/// <param name="Epoch">Which attempt; null: the last, and while following every one that comes.</param>
internal sealed record LogSelection(TaskId? Task, int? MapIndex, int? Epoch)
{
    /// <summary>Only the last so many records of each log, and what comes after them; null: all.</summary>
    public int? Tail { get; init; }

    /// <summary>Whether it is a single task instance, whose lines need no name before them.</summary>
    public bool IsSingle(RunDocument run) => run.Tasks.Count(Includes) == 1;

    /// <summary>Whether a task instance is meant.</summary>
    public bool Includes(TaskDocument task) => Task is not { } wanted
        || (task.Task.Key.Task == wanted && (MapIndex is not { } index || task.Task.Key.MapIndex == index));

    /// <summary>The attempts that are meant as things stand.</summary>
    public IEnumerable<Attempt> Attempts(RunDocument run) => run.Tasks.Where(Includes).SelectMany(Attempts);

    /// <summary>Whether nothing more can come.</summary>
    public bool IsOver(RunDocument run) => run.Tasks.Where(Includes).All(t =>
        Epoch is { } epoch && t.Attempts.FirstOrDefault(a => a.Key.Epoch == epoch) is { } attempt
            ? attempt.State.IsFinished()
            : t.Task.State.IsFinished());

    private IEnumerable<Attempt> Attempts(TaskDocument task) =>
        Epoch is { } epoch ? task.Attempts.Where(a => a.Key.Epoch == epoch) : task.Attempts.TakeLast(1);
}
