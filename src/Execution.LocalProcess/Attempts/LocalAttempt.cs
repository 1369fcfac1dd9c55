using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess.Processes;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Checkpoints;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Logs;
using OrleansFlow.TaskRuntime.Outputs;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>One attempt, from its launch until it is released. Thread-safe.</summary>
internal sealed partial class LocalAttempt : IDisposable
{
    private readonly AttemptPlan _plan;
    private readonly Services _services;
    private readonly AttemptFolder _folder;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _toldToStop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _commandEndedSource = new();
    private readonly CancellationToken _commandEnded;
    private AttemptStatus _status;
    private readonly CheckpointWatcher _watcher;
    private LocalDesk? _desk;
    private CheckpointSaved? _checkpoint;
    private StopReason? _stop;
    private DateTimeOffset _deadline = DateTimeOffset.MaxValue;
    private TaskLog? _log;
    private int _pid;
    private bool _killed;
    private bool _left;

    public LocalAttempt(AttemptPlan plan, Services services)
    {
        (_plan, _services) = (plan, services);
        _commandEnded = _commandEndedSource.Token;
        _folder = AttemptFolder.Of(services.Options.Attempts, plan.Dag, plan.Key, plan.Uid);
        _status = new AttemptPending(plan.Key, plan.Uid, null);
        _watcher = new CheckpointWatcher(plan, _folder, services.Storage, text => _ = _log?.NoticeAsync(text));
    }

    /// <summary>Completes when the command runs, or fails as the launch did.</summary>
    public Task Launched => _launched.Task;

    /// <summary>Completes when the attempt has ended and nothing of it runs any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What is known now: the checkpoint that waits to be recorded, if any, and then its state.</summary>
    public IEnumerable<AttemptStatus> Statuses()
    {
        lock (_lock) return _checkpoint is null ? [_status] : [_checkpoint, _status];
    }

    /// <summary>Starts it. When that fails, nothing of it is left.</summary>
    /// <exception cref="LaunchException">It cannot be run here.</exception>
    public async Task LaunchAsync(CancellationToken cancellation)
    {
        try
        {
            await StartAsync(cancellation);
            _launched.SetResult();
        }
        catch (Exception e)
        {
            _services.Room.Leave(_plan.Uid, thereIsRoom: e is LaunchException);
            RemoveFolder();
            _ended.TrySetResult();
            _launched.SetException(e);
            _ = _launched.Task.Exception; // whoever launches it again looks; otherwise nobody has to
            throw;
        }
    }

    /// <summary>Tells it to stop; repeating it changes nothing but that an earlier deadline counts.</summary>
    public void Stop(StopReason reason, TimeSpan grace)
    {
        var deadline = _services.Time.GetUtcNow() + grace;
        lock (_lock)
        {
            _stop ??= reason;
            _toldToStop.TrySetResult();
            if (_pid == 0 || _commandEnded.IsCancellationRequested || deadline >= _deadline) return;
            _deadline = deadline;
        }

        Tell(deadline);
        SignalGroup(Libc.SigTerm);
        _ = KillAfterAsync(grace);
    }

    /// <summary>
    /// Stops it because the host leaves: what becomes of it from now on, but for its checkpoints, is not told, so that it counts as lost with
    /// its host. One whose command has ended before is not touched, and tells its end.
    /// </summary>
    public void Leave(TimeSpan grace)
    {
        lock (_lock)
        {
            if (_commandEnded.IsCancellationRequested || _ended.Task.IsCompleted) return;
            _left = true;
        }

        Stop(StopReason.Cancel, grace);
    }

    /// <summary>A checkpoint is recorded: its task may go on.</summary>
    public async Task AcknowledgeAsync(long number, CancellationToken cancellation)
    {
        lock (_lock)
            if (_checkpoint?.Number <= number)
                _checkpoint = null;
        _desk?.Acknowledge(number);
        if (!_commandEnded.IsCancellationRequested) await _watcher.AcknowledgeAsync(number, cancellation);
    }

    /// <summary>Removes what is left of it, when its end is durable.</summary>
    public void RemoveFolder() => _services.Folders.Remove(_folder);

    /// <summary>After its end.</summary>
    public void Dispose()
    {
        _commandEndedSource.Dispose();
        _watcher.Dispose();
        _desk?.Dispose();
    }

    // whatever goes wrong on our side, the attempt must not stay running for ever
    private async Task SuperviseAsync(StartedChild child, Evidence evidence, DateTimeOffset startedAt)
    {
        try
        {
            await RunAsync(child, evidence, startedAt);
        }
        catch (Exception e)
        {
            await _desk!.CloseAsync();
            var detail = $"the host failed while it watched the command: {e.Message}";
            await _services.Ender.EndAsync(process => process.AttemptUid == _plan.Uid, TimeSpan.Zero);
            End(new AttemptLost(
                _plan.Key, _plan.Uid, _services.Time.GetUtcNow(), AttemptCause.Unknown, detail, (evidence with { Detail = e.ToString() }).ToJson()));
        }
    }

    private async Task RunAsync(StartedChild child, Evidence evidence, DateTimeOffset startedAt)
    {
        using var drained = new CancellationTokenSource();
        var log = _log!;
        var copies = Task.WhenAll(
            log.CopyAsync(child.Output, LogSource.Out, drained.Token), log.CopyAsync(child.Error, LogSource.Err, drained.Token));
        var watching = WatchCheckpointsAsync();
        var oomKills = OomKills.Count();

        await _services.Children.ExitOf(child.Pid);
        var at = _services.Time.GetUtcNow();
        await _commandEndedSource.CancelAsync();
        var leftovers = await EndLeftoversAsync(child.Pid);
        await _desk!.CloseAsync();
        var exit = Reap();
        var outOfMemory = exit.Signal == Libc.SigKill && !_killed && OomKills.Count() > oomKills;
        await DrainAsync(copies, drained);
        child.Dispose();

        await watching;
        await LookForCheckpointAsync();
        var outputs = exit.ExitCode == 0 ? await StageAsync(log) : null;
        await ConcludeLogAsync(log, exit, leftovers, outputs?.Problem, outOfMemory);

        evidence = Add(evidence, exit, leftovers);
        if (exit.ExitCode is not { } code)
        {
            const string stolen = "its exit status is not known: another part of the host's process took it (was SIGCHLD ignored when the host started?)";
            End(new AttemptLost(_plan.Key, _plan.Uid, at, AttemptCause.Unknown, stolen, evidence.ToJson()));
            return;
        }

        End(new AttemptExited(_plan.Key, _plan.Uid, startedAt, _services.Options.Node, new ExitReport
        {
            ExitCode = code,
            At = at,
            OutOfMemory = outOfMemory,
            Outputs = outputs?.Outputs,
            OutputProblem = outputs?.Problem,
            Evidence = evidence.ToJson(),
        }));
    }

    // the leader is a zombie until it is reaped, so that its session's number cannot be given to others meanwhile
    private Task<EndedProcesses> EndLeftoversAsync(int pid) =>
        _services.Ender.EndAsync(process => process.Session == pid || process.AttemptUid == _plan.Uid, _services.Options.LeftoverGrace);

    private ChildExit Reap()
    {
        lock (_lock)
        {
            var exit = ChildWaiter.Reap(_pid);
            _pid = 0;
            return exit;
        }
    }

    private async Task DrainAsync(Task copies, CancellationTokenSource drained)
    {
        await Task.WhenAny(copies, Task.Delay(_services.Options.DrainTimeout, _services.Time, drained.Token));
        await drained.CancelAsync();
        await copies;
    }

    private async Task WatchCheckpointsAsync()
    {
        var every = _plan.CheckpointEvery ?? _services.Options.CheckpointEvery;
        try
        {
            while (true)
            {
                await Task.Delay(every, _services.Time, _commandEnded);
                await LookForCheckpointAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // the last look comes when all processes are gone
        }
    }

    private async Task LookForCheckpointAsync()
    {
        if (await _watcher.LookAsync(CancellationToken.None) is { } saved) Record(saved);
    }

    private void Record(SavedCheckpoint saved)
    {
        var status = new CheckpointSaved(_plan.Key, _plan.Uid, saved.Number, saved.Uri);
        lock (_lock) _checkpoint = status;
        _services.Observed(status);
    }

    // nor is it a failure of a command that ended well: its outputs wait for room, until somebody stops the attempt
    private async Task<OutputResult> StageAsync(TaskLog log)
    {
        for (var failures = 1; ; failures++)
        {
            var result = await TryStageAsync();
            if (!result.DiskFull || _toldToStop.Task.IsCompleted)
            {
                _services.Room.Leave(_plan.Uid, thereIsRoom: !result.DiskFull);
                return result;
            }

            var why = $"there is no room on the disk for the outputs of {_plan.Key.Task}: it ends when there is";
            if (_services.Room.Join(_plan.Uid, why)) await log.NoticeAsync(why);
            await _services.Room.PauseAsync(failures, _toldToStop.Task, CancellationToken.None);
        }
    }

    private async Task<OutputResult> TryStageAsync()
    {
        await _services.Staging.WaitAsync();
        try
        {
            return await OutputStager.StageAsync(_plan, _folder, _desk!.Xcoms, _services.Storage, CancellationToken.None);
        }
        finally
        {
            _services.Staging.Release();
        }
    }

    private static async Task ConcludeLogAsync(TaskLog log, ChildExit exit, EndedProcesses leftovers, string? problem, bool outOfMemory)
    {
        if (leftovers.Pids.Count > 0)
            await log.NoticeAsync($"the command left {leftovers.Pids.Count} processes behind, which were ended");
        if (exit.Signal is { } signal)
            await log.NoticeAsync($"ended by signal {signal}" + (outOfMemory ? ": the kernel killed it for memory" : ""));
        else if (exit.ExitCode is not (0 or null))
            await log.NoticeAsync($"ended with exit code {exit.ExitCode}");
        if (problem is not null) await log.NoticeAsync(problem);
        await log.DisposeAsync();
    }

    private Evidence Add(Evidence evidence, ChildExit exit, EndedProcesses leftovers) => evidence with
    {
        Signal = exit.Signal,
        Stop = _stop is { } stop ? Names.Of(stop) : null,
        Killed = _killed ? true : null,
        MaxResidentBytes = exit.MaxResidentBytes,
        Leftovers = leftovers.Pids.Count > 0 ? leftovers.Pids : null,
        Stuck = leftovers.Left.Count > 0 ? leftovers.Left : null,
    };

    private void Tell(DateTimeOffset deadline)
    {
        try
        {
            _folder.WriteStop(deadline);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the signal says the same
        }

        var why = _left ? "its host leaves" : Names.Of(_stop!.Value);
        _desk?.TellStop(new StopOrder(_left ? null : _stop, why, deadline));
        _ = _log?.NoticeAsync($"told to stop ({why}): SIGTERM now, SIGKILL at {deadline.UtcDateTime:HH:mm:ss} UTC");
    }

    private async Task KillAfterAsync(TimeSpan grace)
    {
        try
        {
            await Task.Delay(grace, _services.Time, _commandEnded);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (_lock)
        {
            if (_pid == 0) return;
            _killed = true;
        }

        // the command's own end makes the rest follow: whoever is left in its session, or carries its uid, is ended then
        SignalGroup(Libc.SigKill);
    }

    private void SignalGroup(int signal)
    {
        // a pid of 0 would be our own group; before it is reaped, the number is its
        lock (_lock)
            if (_pid > 0)
                _ = Libc.kill(-_pid, signal);
    }

    // the folder stays until the end is durable: its pid file tells a later host that this attempt did start
    private void End(AttemptStatus status)
    {
        Become(status);
        _ended.TrySetResult();
    }

    private void Become(AttemptStatus status)
    {
        lock (_lock)
        {
            if (_left) return;
            _status = status;
        }

        _services.Observed(status);
    }
}
