namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>Ends processes for good: SIGTERM, a moment, SIGKILL, until they are gone. Thread-safe.</summary>
/// <param name="table">The processes there are.</param>
/// <param name="time">For the moments.</param>
internal sealed class ProcessEnder(ProcessTable table, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(10);

    /// <summary>Ends all processes that match.</summary>
    /// <param name="matches">Which; asked again at each look, since they may fork.</param>
    /// <param name="grace">How long they have after SIGTERM; zero: SIGKILL at once.</param>
    public async Task<EndedProcesses> EndAsync(Func<ProcessEntry, bool> matches, TimeSpan grace)
    {
        var started = time.GetUtcNow();
        var seen = new Dictionary<int, int>();
        while (true)
        {
            var left = (await table.ReadAsync()).Where(process => !process.Ended && process.Pid != Environment.ProcessId && matches(process)).ToList();
            if (left.Count == 0) return new EndedProcesses(seen.Keys.Order().ToList(), seen.Values.Any(sent => sent == Libc.SigKill), []);
            var waited = time.GetUtcNow() - started;
            if (waited > grace + GiveUpAfter)
                return new EndedProcesses(seen.Keys.Order().ToList(), true, left.Select(process => process.Pid).ToList());

            var signal = waited >= grace ? Libc.SigKill : Libc.SigTerm;
            foreach (var process in left)
                if (seen.GetValueOrDefault(process.Pid) != signal && Send(process, signal))
                    seen[process.Pid] = signal;
            await Task.Delay(LookEvery, time);
        }
    }

    // looked at again just before: its pid might be somebody else's by now
    private static bool Send(ProcessEntry process, int signal) =>
        ProcessTable.Find(process.Pid)?.StartTime == process.StartTime && Libc.kill(process.Pid, signal) == 0;
}

/// <summary>What ending processes took.</summary>
/// <param name="Pids">Those that got a signal.</param>
/// <param name="Killed">SIGKILL was needed.</param>
/// <param name="Left">Those that are still there: stuck in the kernel.</param>
internal sealed record EndedProcesses(IReadOnlyList<int> Pids, bool Killed, IReadOnlyList<int> Left);
