using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Scheduling.Watching;

/// <summary>What one host tells the others of the rows that it has committed: the runs they belong to, and nothing of what they say.</summary>
public sealed record ChangedRuns
{
    private ChangedRuns(IReadOnlyList<RunId> runs, bool areAll) => (Runs, AreAll) = (runs, areAll);

    /// <summary>Any run may have changed.</summary>
    public static ChangedRuns All { get; } = new([], areAll: true);

    /// <summary>The runs, by id; none where they are all.</summary>
    public IReadOnlyList<RunId> Runs { get; }

    /// <summary>Whether any run may have changed.</summary>
    public bool AreAll { get; }

    /// <summary>Some runs.</summary>
    public static ChangedRuns Of(IEnumerable<RunId> runs) => new([.. runs.Order()], areAll: false);
}

/// <summary>
/// The runs that have changed since the others were told last: each once, however often it changed. Bounded: beyond <see cref="Most"/> it only
/// knows that any run may have. Thread-safe.
/// </summary>
internal sealed class ChangedRunsBacklog : IBacklog<ChangedRuns>
{
    /// <summary>How many runs are told one by one.</summary>
    public const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<RunId> _runs = [];
    private TaskCompletionSource _news = NewSignal();
    private bool _areAll;

    /// <inheritdoc/>
    public Task News
    {
        get
        {
            lock (_lock) return _news.Task;
        }
    }

    /// <summary>A run has changed.</summary>
    public void Add(RunId run)
    {
        lock (_lock) AddOne(run);
    }

    /// <inheritdoc/>
    public void PutBack(ChangedRuns taken)
    {
        lock (_lock)
        {
            if (taken.AreAll) AddAll();
            foreach (var run in taken.Runs) AddOne(run);
        }
    }

    /// <inheritdoc/>
    public ChangedRuns Take()
    {
        lock (_lock)
        {
            var taken = _areAll ? ChangedRuns.All : ChangedRuns.Of(_runs);
            _runs.Clear();
            (_areAll, _news) = (false, NewSignal());
            return taken;
        }
    }

    private void AddOne(RunId run)
    {
        if (_areAll || !_runs.Add(run)) return;
        if (_runs.Count > Most) AddAll();
        else if (_runs.Count == 1) _news.TrySetResult();
    }

    private void AddAll()
    {
        _runs.Clear();
        _areAll = true;
        _news.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
