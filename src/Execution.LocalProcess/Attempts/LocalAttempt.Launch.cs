using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess.Processes;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Logs;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>From the launch to the start of the command.</summary>
internal sealed partial class LocalAttempt
{
    private async Task StartAsync(CancellationToken cancellation)
    {
        if (_plan.Command.Count == 0)
        {
            EndAsNoop();
            return;
        }

        var spawned = await SpawnAsync(cancellation);
        _services.Room.Leave(_plan.Uid, thereIsRoom: spawned is not null);
        if (spawned is not { } child)
        {
            EndUnstarted();
            return;
        }

        var evidence = Evidence.Of(child.Pid);
        var started = new AttemptStarted(_plan.Key, _plan.Uid, _services.Time.GetUtcNow(), _services.Options.Node, evidence.ToJson());
        Become(started);
        _ = SuperviseAsync(child, evidence, started.At);
    }

    // null: it was told to stop meanwhile. A full disk of the host is no failure of the attempt, which waits for room
    private async Task<StartedChild?> SpawnAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (true)
        {
            string why;
            await _services.Starts.WaitAsync(cancellation);
            try
            {
                if (_toldToStop.Task.IsCompleted) return null;
                if (_services.Options.Hold() is not { } hold) return await PrepareAndStartAsync(cancellation);
                (why, failures) = (hold, 0);
            }
            catch (LaunchException e) when (e.IsDiskFull())
            {
                RemoveFolder();
                failures++;
                why = $"there is no room on the disk of {_services.Options.Attempts} for what {_plan.Key.Task} needs: it starts when there is";
            }
            finally
            {
                _services.Starts.Release();
            }

            WaitForRoom(why);
            await _services.Room.PauseAsync(failures, _toldToStop.Task, cancellation);
        }
    }

    // the words of the first wait stay: each change of them is a commit
    private void WaitForRoom(string why)
    {
        if (!_services.Room.Join(_plan.Uid, why)) return;
        Become(new AttemptPending(_plan.Key, _plan.Uid, why));
    }

    private async Task<StartedChild?> PrepareAndStartAsync(CancellationToken cancellation)
    {
        StartedChild? child = null;
        var desk = _desk = new LocalDesk(_plan, _folder, _services, _watcher, Record);
        try
        {
            var problem = desk.Open();
            var order = await Preparation.PrepareAsync(_plan, _folder, desk.Address, _services, cancellation);
            _log = new TaskLog(OpenLog(), _services.Options.Log, _services.Time);
            if (problem is not null) await _log.NoticeAsync($"there is no FLOW_API: {problem}");
            lock (_lock)
            {
                if (_stop is not null) return null;
                child = Launcher.Start(order);
                _pid = child.Pid;
                return child;
            }
        }
        finally
        {
            if (child is null)
            {
                await desk.CloseAsync();
                if (_log is not null) await _log.DisposeAsync();
            }
        }
    }

    private ILogSink OpenLog()
    {
        try
        {
            return _services.Storage.OpenLog(_plan.Dag, _plan.Key);
        }
        catch (AttemptStorageException e)
        {
            throw new LaunchException($"{_plan.Key.Task}: {e.Message}", e);
        }
    }

    private void EndAsNoop()
    {
        var now = _services.Time.GetUtcNow();
        var evidence = new Evidence { Detail = "a no-op: nothing to run" }.ToJson();
        End(new AttemptExited(
            _plan.Key, _plan.Uid, now, _services.Options.Node, new ExitReport { ExitCode = 0, At = now, Outputs = StagedOutputs.None, Evidence = evidence }));
    }

    // no exit: an exit code would say that the command had run
    private void EndUnstarted()
    {
        const string detail = "told to stop before its command had started";
        var evidence = new Evidence { Detail = detail, Stop = Names.Of(_stop!.Value) }.ToJson();
        End(new AttemptLost(_plan.Key, _plan.Uid, _services.Time.GetUtcNow(), AttemptCause.Stopped, detail, evidence));
    }
}
