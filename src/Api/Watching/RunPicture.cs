using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Paging;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using RunState = OrleansFlow.Domain.Runs.RunState;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// A watched run as it was read last, and when each of its task instances changed. Newer rows replace older ones and never the other way
/// round. What watchers get is made once for all who are at the same place. Not thread-safe.
/// </summary>
/// <param name="run">Its row.</param>
/// <param name="logOf">Where the log of an attempt lies.</param>
internal sealed class RunPicture(DagRun run, Func<AttemptKey, string> logOf)
{
    /// <summary>The most task instances of a message.</summary>
    public const int PartSize = 1000;

    private readonly Dictionary<TaskKey, Entry> _tasks = [];
    private readonly long[] _sums = new long[RunCursor.Buckets];
    private readonly Dictionary<(long From, bool StatesOnly), IReadOnlyList<WatchRunResponse>> _made = [];
    private RunCursor? _cursor;
    private string? _cursorText;

    /// <summary>The run's own row.</summary>
    public DagRun Run { get; private set; } = run;

    /// <summary>Grows with every change; what watchers have seen is a revision.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>Whether the run has ended.</summary>
    public bool IsOver => Run.State.IsFinished();

    /// <summary>How many task instances there are.</summary>
    public int Count => _tasks.Count;

    /// <summary>The task instances.</summary>
    public IEnumerable<TaskDetail> Tasks => _tasks.Values.Select(entry => entry.Detail);

    /// <summary>The versions as they are.</summary>
    public RunCursor Cursor => _cursor ??= RunCursor.Of(Run.Version, _sums);

    /// <summary>Takes in what was read; false when nothing of it is new.</summary>
    public bool Merge(DagRun? run, IReadOnlyList<TaskDetail> tasks)
    {
        var news = tasks.Where(task => !_tasks.TryGetValue(task.Task.Key, out var known) || IsNews(task, known.Detail)).ToList();
        var ofRun = run is not null && run.Version > Run.Version;
        if (news.Count == 0 && !ofRun) return false;
        Revision++;
        if (ofRun) Run = run!;
        foreach (var task in news)
        {
            var key = task.Task.Key;
            _sums[RunCursor.BucketOf(key)] += task.Task.Version - (_tasks.TryGetValue(key, out var known) ? known.Detail.Task.Version : 0);
            _tasks[key] = new Entry(task, Revision);
        }

        _made.Clear();
        (_cursor, _cursorText) = (null, null);
        return true;
    }

    /// <summary>Those whose versions are not what is known here.</summary>
    public IReadOnlyList<TaskKey> Outdated(RunVersions versions) => [.. versions.Tasks.Where(IsOutdated).Select(task => task.Task)];

    /// <summary>All of it.</summary>
    public IReadOnlyList<WatchRunResponse> Snapshot(bool statesOnly) => Made(0, statesOnly, () => Parts(_tasks.Values, statesOnly, snapshot: true));

    /// <summary>What has changed since a revision.</summary>
    public IReadOnlyList<WatchRunResponse> Since(long revision, bool statesOnly) => revision == Revision
        ? []
        : Made(revision, statesOnly, () => Parts(_tasks.Values.Where(entry => entry.Revision > revision), statesOnly, snapshot: false));

    /// <summary>What has changed since a cursor, and maybe some more.</summary>
    public IReadOnlyList<WatchRunResponse> Since(RunCursor cursor, bool statesOnly) =>
        Parts(_tasks.Values.Where(entry => cursor.Differs(RunCursor.BucketOf(entry.Detail.Task.Key), Cursor)), statesOnly, snapshot: false);

    private bool IsOutdated(TaskVersion now) => !_tasks.TryGetValue(now.Task, out var known)
        || known.Detail.Task.Version < now.Version
        || (known.Detail.Task.Version == now.Version && now.SaidAt is not null && now.SaidAt != known.Detail.Progress?.At);

    // How far a task is has no version: it is news where it differs.
    private static bool IsNews(TaskDetail task, TaskDetail known) => task.Task.Version == known.Task.Version
        ? task.Progress is not null && task.Progress != known.Progress
        : task.Task.Version > known.Task.Version;

    private IReadOnlyList<WatchRunResponse> Made(long from, bool statesOnly, Func<IReadOnlyList<WatchRunResponse>> make)
    {
        if (_made.TryGetValue((from, statesOnly), out var made)) return made;
        return _made[(from, statesOnly)] = make();
    }

    private List<WatchRunResponse> Parts(IEnumerable<Entry> entries, bool statesOnly, bool snapshot)
    {
        var parts = new List<WatchRunResponse>();
        var bytes = 0;
        foreach (var task in entries.OrderBy(entry => entry.Detail.Task.Key).Select(entry => statesOnly ? entry.State : entry.Full(logOf)))
        {
            bytes += task.CalculateSize();
            if (parts.Count == 0 || parts[^1].ChangedTasks.Count == PartSize || bytes > PageBytes.Most)
            {
                parts.Add(new WatchRunResponse { More = true });
                bytes = task.CalculateSize();
            }

            parts[^1].ChangedTasks.Add(task);
        }

        if (parts.Count == 0) parts.Add(new WatchRunResponse());

        parts[0].Run = Run.ToProto(_tasks.Values.CountBy(entry => entry.Detail.Task.State).ToDictionary());
        parts[0].Snapshot = snapshot;
        parts[^1].More = false;
        parts[^1].Cursor = _cursorText ??= Cursor.Write(Run.Id);
        return parts;
    }

    private sealed class Entry(TaskDetail detail, long revision)
    {
        private TaskInstance? _full;
        private TaskInstance? _state;

        public TaskDetail Detail { get; } = detail;

        public long Revision { get; } = revision;

        public TaskInstance State => _state ??= Detail.ToProto(null);

        public TaskInstance Full(Func<AttemptKey, string> logOf) => _full ??= Detail.ToProto(logOf);
    }
}
