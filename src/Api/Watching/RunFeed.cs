using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// What all watchers of one run share. It reads the rows that have changed, once for everybody and not more often than is of use, and keeps
/// no queue for anybody: a watcher comes when it likes and gets what changed since it was there. Thread-safe.
/// </summary>
internal sealed class RunFeed : IRunListener, IDisposable
{
    /// <summary>The shortest time between two reads, in the long run.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(75);

    /// <summary>How many reads may follow at once after a rest: a task that starts and ends is told without a wait.</summary>
    private const int Burst = 4;

    /// <summary>What another host tells is not which rows have changed: the larger the run, the longer it rests before it looks at all of them.</summary>
    private static readonly TimeSpan RestOfTask = TimeSpan.FromMicroseconds(10);

    /// <summary>How old what is here may be for one who comes.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    /// <summary>How long one who comes waits for news while the database is away.</summary>
    private static readonly TimeSpan NewsPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly ApiParts _parts;
    private readonly RunId _run;
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _ended;
    private readonly Task<bool> _loaded;
    private readonly HashSet<TaskKey> _dirty = [];
    private readonly Pacing _pacing = new(Pace, Burst);
    private TaskCompletionSource _heard = NewSignal();
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _looked = NewSignal();
    private RunPicture? _picture;
    private bool _runIsDirty;
    private bool _lookAtAll;
    private bool _isHint;
    private bool _hasNews;
    private bool _reading;
    private DateTimeOffset _readAt;

    public RunFeed(ApiParts parts, RunId run)
    {
        _parts = parts;
        _run = run;
        _ended = _over.Token;
        var listening = parts.Changes.Listen(run, this);
        _loaded = Task.Run(LoadAsync);
        _ = Task.Run(() => FollowAsync(listening));
    }

    /// <summary>Whether there is such a run; returns when what is here is not older than the call.</summary>
    /// <exception cref="StoreException">It cannot be read for now.</exception>
    public async Task<bool> JoinAsync(CancellationToken cancellation)
    {
        if (!await _loaded.WaitAsync(cancellation)) return false;
        // Twice: news may have come while something was being read already.
        for (var looks = 0; looks < 2 && AskForNews() is { } looked; looks++)
        {
            // A database that is away must not keep anybody from what is known.
            await Task.WhenAny(looked, Task.Delay(NewsPatience, _parts.Time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }

        return true;
    }

    private Task? AskForNews()
    {
        lock (_lock)
        {
            var isOld = _parts.Time.GetUtcNow() - _readAt > Fresh;
            if (!_hasNews && !_reading && !isOld) return null;
            if (!_hasNews && !_reading) _lookAtAll = true;
            if (_lookAtAll) Wake();
            return _looked.Task;
        }
    }

    /// <summary>How many task instances it holds.</summary>
    public int Size
    {
        get
        {
            lock (_lock) return _picture?.Count ?? 0;
        }
    }

    /// <inheritdoc/>
    public void RowChanged(RowKey row)
    {
        lock (_lock)
        {
            if (row.Kind == RowKind.Task) _dirty.Add(row.AsTask());
            else _runIsDirty = true;
            Wake();
        }
    }

    /// <inheritdoc/>
    public void HistoryGrew()
    {
        // the rows that it tells of have changed too
    }

    /// <inheritdoc/>
    public void OtherHostChanged()
    {
        lock (_lock)
        {
            (_lookAtAll, _isHint) = (true, true);
            Wake();
        }
    }

    /// <summary>What a watcher is to be sent, where it stands then, and what to wait for.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="statesOnly">Without attempts and artifacts.</param>
    public WatchStep Next(WatchPosition position, bool statesOnly)
    {
        lock (_lock)
        {
            var picture = _picture!;
            var messages = position switch
            {
                { Revision: > 0 } => picture.Since(position.Revision, statesOnly),
                { Cursor: { } cursor } when !cursor.IsAheadOf(picture.Cursor) => picture.Since(cursor, statesOnly),
                _ => picture.Snapshot(statesOnly),
            };
            return new WatchStep(messages, new WatchPosition(picture.Revision, null), IsLast(picture), _changed.Task);
        }
    }

    /// <summary>The task instances as they are known, whether the run has ended, and what to wait for.</summary>
    public (DagId Dag, IReadOnlyList<TaskDetail> Tasks, bool IsOver, Task Changed) Look()
    {
        lock (_lock) return (_picture!.Run.Dag, [.. _picture.Tasks], IsLast(_picture), _changed.Task);
    }

    // Of a run that was cleared the end that is known may be over.
    private bool IsLast(RunPicture picture) => picture.IsOver && !_hasNews && !_reading;

    /// <summary>Nobody watches any more.</summary>
    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }

    private async Task<bool> LoadAsync()
    {
        _readAt = _parts.Time.GetUtcNow();
        if (await _parts.Queries.GetRunAsync(_run, _ended) is not { } detail) return false;
        var picture = new RunPicture(detail.Run, attempt => _parts.Logs.Locate(detail.Run.Dag, attempt));
        picture.Merge(detail.Run, detail.ByTask());
        lock (_lock) _picture = picture;
        return true;
    }

    private async Task FollowAsync(IDisposable listening)
    {
        using (listening)
        {
            try
            {
                if (!await _loaded) return;
                while (true) await LookAsync();
            }
            catch (OperationCanceledException)
            {
                // nobody watches any more
            }
            catch (StoreException)
            {
                // it could not be loaded, which those who asked for it are told
            }
        }
    }

    private async Task LookAsync()
    {
        await WaitAsync();
        try
        {
            await ReadAsync();
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            if (away is not StoreException) _parts.Incident($"watching run {_run}", away);
            lock (_lock) _lookAtAll = true;
        }
    }

    private async Task WaitAsync()
    {
        Task heard;
        lock (_lock) heard = _heard.Task;
        await Task.WhenAny(heard, Task.Delay(_parts.LookEvery, _parts.Time, _ended));
        var rest = _pacing.Rest(_parts.Time.GetUtcNow()) + RestOfHint();
        if (rest > TimeSpan.Zero) await Task.Delay(rest, _parts.Time, _ended);
        _ended.ThrowIfCancellationRequested();
    }

    private TimeSpan RestOfHint()
    {
        lock (_lock) return _isHint ? _picture!.Count * RestOfTask : TimeSpan.Zero;
    }

    private async Task ReadAsync()
    {
        IReadOnlyList<TaskKey> tasks;
        bool run, all;
        lock (_lock)
        {
            all = _lookAtAll || !_hasNews;
            (tasks, run) = ([.. _dirty.Order()], _runIsDirty || all);
            _dirty.Clear();
            (_runIsDirty, _lookAtAll, _isHint, _hasNews, _reading, _heard) = (false, false, false, false, true, NewSignal());
            _readAt = _parts.Time.GetUtcNow();
            _pacing.Done(_readAt);
        }

        try
        {
            // The run's row before its tasks: whatever it knows of them is then to be seen.
            var row = run ? await _parts.Pages.FindRunRowAsync(_run, _ended) : null;
            if (all || (row is not null && Domain.Runs.RunStates.IsFinished(row.State))) tasks = await OutdatedAsync(tasks);
            var read = await FindAsync(tasks);
            lock (_lock)
            {
                _reading = false;
                if (_picture!.Merge(row, read) || IsLast(_picture)) _changed = Renew(_changed);
                _looked = Renew(_looked);
            }
        }
        catch
        {
            lock (_lock)
            {
                _dirty.UnionWith(tasks);
                (_runIsDirty, _hasNews, _reading) = (true, true, false);
            }

            throw;
        }
    }

    private async Task<IReadOnlyList<TaskKey>> OutdatedAsync(IReadOnlyList<TaskKey> tasks)
    {
        if (await _parts.Pages.ReadVersionsAsync(_run, _ended) is not { } versions) return tasks;
        lock (_lock) return [.. _picture!.Outdated(versions).Union(tasks)];
    }

    private async Task<IReadOnlyList<TaskDetail>> FindAsync(IReadOnlyList<TaskKey> tasks)
    {
        var found = new List<TaskDetail>(tasks.Count);
        foreach (var chunk in tasks.Chunk(RunPicture.PartSize)) found.AddRange(await _parts.Pages.FindTasksAsync(_run, chunk, _ended));
        return found;
    }

    private void Wake()
    {
        _hasNews = true;
        _heard.TrySetResult();
    }

    private static TaskCompletionSource Renew(TaskCompletionSource signal)
    {
        signal.TrySetResult();
        return NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Where a watcher stands.</summary>
/// <param name="Revision">What it has seen of the feed; 0: nothing.</param>
/// <param name="Cursor">What it had before it came; null: nothing.</param>
internal readonly record struct WatchPosition(long Revision, RunCursor? Cursor);

/// <summary>What a watcher is to do next.</summary>
/// <param name="Messages">To be sent.</param>
/// <param name="Position">Where it stands then.</param>
/// <param name="IsLast">The run has ended, and they say so.</param>
/// <param name="Changed">Completes when there is more.</param>
internal readonly record struct WatchStep(IReadOnlyList<WatchRunResponse> Messages, WatchPosition Position, bool IsLast, Task Changed);
