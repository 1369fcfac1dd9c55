using OrleansFlow.Cli.Documents;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Cli.Following;

/// <summary>One line on standard error for everything that happens.</summary>
internal sealed class PlainRunView(Messages messages) : IRunView
{
    /// <summary>Reasons that say no more than the state beside them.</summary>
    private static readonly HashSet<string> Obvious = ["dispatching", "executing", "completed", "dependencies"];

    /// <inheritdoc/>
    public async Task<RunDetail> ShowAsync(IAsyncEnumerable<RunUpdate> updates)
    {
        RunUpdate? last = null;
        await foreach (var update in updates)
        {
            foreach (var entry in update.Events) messages.Say(Line(entry.Event));
            last = update;
        }

        return last!.Detail;
    }

    /// <summary><c>06:00:12 train_model: up_for_retry (attempt 1; exit_code): exit code 1</c>.</summary>
    public static string Line(HistoryEvent happened)
    {
        var subject = happened.Task is { } task ? TaskName.Of(task, happened.MapIndex)
            : happened.Run is { } run ? $"run {run}"
            : $"DAG {happened.Dag}";
        var notes = new List<string>();
        if (happened.Epoch > 0) notes.Add($"attempt {Words.Whole(happened.Epoch)}");
        if (happened.Reason is { } reason && reason != happened.Kind && !Obvious.Contains(reason)) notes.Add(reason);
        if (happened.Actor is { } actor) notes.Add(happened.Address is { } address ? $"by {actor} from {address}" : $"by {actor}");
        var aside = notes.Count == 0 ? "" : $" ({string.Join("; ", notes)})";
        var detail = string.IsNullOrEmpty(happened.Detail) ? "" : $": {happened.Detail.ReplaceLineEndings(" ")}";
        return $"{Words.Clock(happened.At)} {subject}: {happened.Kind}{aside}{detail}";
    }
}
