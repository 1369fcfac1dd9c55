using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Checkpoints;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Outputs;
using OrleansFlow.TaskRuntime.Progress;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>The desk of one attempt, from before its command starts until all its processes have ended. Thread-safe.</summary>
internal sealed class LocalDesk : IAttemptDesk, IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Services _services;
    private readonly CheckpointWatcher _checkpoints;
    private readonly Action<SavedCheckpoint> _saved;
    private readonly ProgressPace _progress;
    private readonly Uploads _uploads;
    private IAttemptEndpoint? _endpoint;
    private StopOrder? _stop;
    private long _recorded = long.MinValue;
    private long? _last;
    private bool _isClosed;
    private TaskCompletionSource _stopChanged = NewSignal();
    private TaskCompletionSource _recording = NewSignal();

    /// <param name="plan">The attempt.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="services">What attempts share.</param>
    /// <param name="checkpoints">Saves its checkpoints.</param>
    /// <param name="saved">Has one recorded.</param>
    public LocalDesk(AttemptPlan plan, AttemptFolder folder, Services services, CheckpointWatcher checkpoints, Action<SavedCheckpoint> saved)
    {
        (Plan, _services, _checkpoints, _saved) = (plan, services, checkpoints, saved);
        Closed = _closing.Token;
        _uploads = new Uploads(folder, services.Options.Hold);
        _progress = new ProgressPace(progress => services.Options.Progress(plan.Key, progress), services.Time);
    }

    public AttemptPlan Plan { get; }

    public TimeSpan CheckpointEvery => Plan.CheckpointEvery ?? _services.Options.CheckpointEvery;

    public CancellationToken Closed { get; }

    /// <summary>What was put.</summary>
    public XcomDraft Xcoms { get; } = new();

    /// <summary>Where programs reach it; null when they cannot.</summary>
    public string? Address => _endpoint?.Address;

    public (StopOrder? Order, Task Changed) Stop
    {
        get
        {
            lock (_lock) return (_stop, _stopChanged.Task);
        }
    }

    /// <summary>Opens its address. Returns why that cannot be done; null when it is, or when this host has none.</summary>
    public string? Open()
    {
        try
        {
            _endpoint = _services.Options.Endpoints?.Open(this);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>The attempt is to stop, or sooner than it was told.</summary>
    public void TellStop(StopOrder order)
    {
        lock (_lock)
        {
            _stop = order;
            _stopChanged = Renew(_stopChanged);
        }
    }

    /// <summary>A checkpoint is recorded.</summary>
    public void Acknowledge(long number)
    {
        lock (_lock)
        {
            _recorded = Math.Max(_recorded, number);
            _recording = Renew(_recording);
        }
    }

    /// <summary>Nothing more is taken in: what the attempt leaves is read next. Repeating it is fine.</summary>
    public async Task CloseAsync()
    {
        lock (_lock)
        {
            if (_isClosed) return;
            _isClosed = true;
        }

        _progress.Close();
        await _closing.CancelAsync();
        _endpoint?.Dispose();
        await _uploads.CloseAsync();
        _services.Options.Progress(Plan.Key, null);
    }

    /// <summary>After it was closed.</summary>
    public void Dispose()
    {
        _closing.Dispose();
        _uploads.Dispose();
    }

    public void Report(double? fraction, string message)
    {
        if (ProgressPace.Problem(fraction, message) is { } wrong) throw Invalid(wrong.Field, wrong.Problem);
        _progress.Report(fraction, message);
    }

    public void PutXcoms(IReadOnlyDictionary<string, string> values)
    {
        lock (_lock)
        {
            if (_isClosed) throw Ended();
            if (Xcoms.Put(values) is { } wrong) throw Invalid($"values_json[\"{Short(wrong.Key)}\"]", wrong.Problem);
        }
    }

    public async Task<StagedFile> UploadAsync(Upload upload, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Closed);
        try
        {
            return await _uploads.TakeAsync(upload.Path, upload.Checkpoint, upload.Size, upload.Sha256, content, both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Ended();
        }
        catch (UploadException e)
        {
            throw new DeskException(e.NoRoom ? DeskRefusal.NoRoom : e.Closed ? DeskRefusal.Closed : DeskRefusal.Invalid, e.Message, e.Field, e);
        }
        catch (AttemptStorageException e)
        {
            throw new DeskException(e.IsDiskFull() ? DeskRefusal.NoRoom : DeskRefusal.NotRecorded, e.Message, inner: e);
        }
    }

    public async Task<bool> SaveCheckpointAsync(long number, CancellationToken cancellation)
    {
        try
        {
            var saved = await _checkpoints.SaveAsync(number, () => _uploads.FilesOf(number), cancellation);
            if (saved is not null)
            {
                lock (_lock) _last = number;
                _saved(saved);
            }

            // one that was saved by a call before this one may not be recorded yet
            await RecordedAsync(number, isNew: saved is not null, cancellation);
            _uploads.Forget(number);
            lock (_lock) return saved is not null || number == _last;
        }
        catch (UploadException e)
        {
            throw Invalid(e.Field, e.Message);
        }
        catch (AttemptStorageException e)
        {
            throw new DeskException(e.IsDiskFull() ? DeskRefusal.NoRoom : DeskRefusal.NotRecorded, e.Message, inner: e);
        }
    }

    private async Task RecordedAsync(long number, bool isNew, CancellationToken cancellation)
    {
        if (!isNew && number <= (Plan.Checkpoint?.Number ?? long.MinValue)) return;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Closed);
        try
        {
            while (true)
            {
                Task recording;
                lock (_lock)
                {
                    if (number <= _recorded) return;
                    recording = _recording.Task;
                }

                await recording.WaitAsync(_services.Options.RecordPatience, _services.Time, both.Token);
            }
        }
        catch (TimeoutException e)
        {
            throw new DeskException(
                DeskRefusal.NotRecorded,
                $"the checkpoint {number} is saved, but not recorded yet: the database is away or slow. It is recorded by itself when it is back; asking again is fine.",
                inner: e);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Ended();
        }
    }

    private static TaskCompletionSource Renew(TaskCompletionSource signal)
    {
        signal.TrySetResult();
        return NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Short(string key) => key.Length <= 50 ? key : key[..50] + "...";

    private DeskException Ended() => new(DeskRefusal.Closed, $"attempt {Plan.Key.Epoch} of {Plan.Key.Task.Label} has ended");

    private static DeskException Invalid(string field, string problem) => new(DeskRefusal.Invalid, problem, field);
}
