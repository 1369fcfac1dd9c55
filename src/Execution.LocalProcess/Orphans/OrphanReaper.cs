using OrleansFlow.Domain.Tasks;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Execution.LocalProcess.Processes;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.Execution.LocalProcess.Orphans;

/// <summary>
/// Ends what a dead host left: once, before anything is launched, by the only host of the folder. A process is found by
/// the pid that its launcher wrote (start time and boot id must match) and by the attempt's uid in its environment; its whole session
/// goes with it. Also ends processes of attempts that no row knows any more, if they work in this folder, and empties the folder but for what is lost.
/// </summary>
/// <param name="attempts">The folder of attempts: <c>LocalProcessOptions.Attempts</c>.</param>
/// <param name="time">The time of stamps and waits.</param>
internal sealed class OrphanReaper(string attempts, TimeProvider time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(attempts));

    /// <summary>Ends their processes and waits until they are gone: SIGTERM, 2 s, SIGKILL.</summary>
    /// <returns>
    /// A loss with cause <c>host_lost</c> for each attempt that had started; those that had not (the host died before it launched them)
    /// are left out and may be launched. With them the folders of the lost, which stay.
    /// </returns>
    public async Task<(IReadOnlyList<AttemptLost> Lost, IReadOnlyDictionary<Guid, AttemptFolder> Folders)> ReapAsync(
        IReadOnlyList<LiveAttempt> orphans, CancellationToken cancellation)
    {
        var lost = await ReapAsync(orphans, alsoUnknown: true, cancellation);
        var folders = orphans
            .IntersectBy(lost.Select(loss => loss.Uid), orphan => orphan.Attempt.Uid)
            .ToDictionary(orphan => orphan.Attempt.Uid, FolderOf);
        RemoveFolders([.. folders.Values.Select(folder => folder.Root)]);
        return (lost, folders);
    }

    private AttemptFolder FolderOf(LiveAttempt orphan) => AttemptFolder.Of(_root, orphan.Dag, orphan.Attempt.Key, orphan.Attempt.Uid);

    /// <summary>The same for attempts of other folders, while attempts of this folder run: nothing is touched but what is named.</summary>
    public Task<IReadOnlyList<AttemptLost>> ReapOthersAsync(IReadOnlyList<LiveAttempt> orphans, CancellationToken cancellation) =>
        ReapAsync(orphans, alsoUnknown: false, cancellation);

    private async Task<IReadOnlyList<AttemptLost>> ReapAsync(IReadOnlyList<LiveAttempt> orphans, bool alsoUnknown, CancellationToken cancellation)
    {
        var table = new ProcessTable();
        var known = orphans.Select(orphan => (Orphan: orphan, Trace: Trace(orphan))).ToList();
        var uids = orphans.Select(orphan => orphan.Attempt.Uid).ToHashSet();
        var sessions = new HashSet<int>();
        var members = new Dictionary<int, ProcessEntry>();

        cancellation.ThrowIfCancellationRequested();
        var ended = await new ProcessEnder(table, time).EndAsync(Matches, Grace);
        var now = time.GetUtcNow();
        return [.. known.Select(pair => Lost(pair.Orphan, pair.Trace, members.Values, ended, now)).OfType<AttemptLost>()];

        bool Matches(ProcessEntry process)
        {
            var leader = known.Any(pair => pair.Trace is { } trace && trace.Is(process));
            var named = process.AttemptUid is { } uid && (uids.Contains(uid) || (alsoUnknown && WorksHere(process)));
            // a leader that we are sure of makes its session ours, and keeps it so when the leader has gone first
            if (leader) sessions.Add(process.Pid);
            var matches = leader || named || sessions.Contains(process.Session);
            if (matches) members[process.Pid] = process;
            return matches;
        }
    }

    private bool WorksHere(ProcessEntry process) =>
        process.Outputs is { } outputs && outputs.StartsWith(_root + "/", StringComparison.Ordinal);

    private sealed record ProcessTrace(int Pid, ulong? StartTime, string? BootId, string Source)
    {
        public bool SameBoot => BootId == ProcessTable.BootId;

        public bool Is(ProcessEntry process) => SameBoot && process.Pid == Pid && process.StartTime == StartTime;
    }

    private ProcessTrace? Trace(LiveAttempt orphan)
    {
        if (PidFile.TryRead(FolderOf(orphan).Pid) is { } file) return new ProcessTrace(file.Pid, file.StartTime, file.BootId, "the pid file");
        return Evidence.TryParse(orphan.Attempt.Evidence) is { Pid: { } pid } evidence
            ? new ProcessTrace(pid, evidence.StartTime, evidence.BootId, "its row")
            : null;
    }

    // null: it had not started
    private static AttemptLost? Lost(
        LiveAttempt orphan, ProcessTrace? trace, IEnumerable<ProcessEntry> members, EndedProcesses ended, DateTimeOffset now)
    {
        var its = members
            .Where(process => process.AttemptUid == orphan.Attempt.Uid || (trace is { SameBoot: true } && process.Session == trace.Pid))
            .Select(process => process.Pid)
            .ToHashSet();
        var pids = ended.Pids.Where(its.Contains).ToList();
        var stuck = ended.Left.Where(its.Contains).ToList();
        if (trace is null && its.Count == 0 && orphan.Attempt.StartedAt is null) return null;
        var detail = "the host that ran it died; " + (trace, pids.Count) switch
        {
            (_, > 0) => $"{pids.Count} of its processes were still there and were ended",
            (null, _) => "no process of it was found",
            ({ SameBoot: false }, _) => "it ran on another machine, or this one was restarted since: none of its processes is left here",
            _ => $"its process {trace.Pid} (by {trace.Source}) had ended",
        };
        var evidence = new Evidence
        {
            Pid = trace?.Pid,
            StartTime = trace?.StartTime,
            BootId = trace?.BootId,
            Leftovers = pids.Count > 0 ? pids : null,
            Killed = pids.Count > 0 && ended.Killed ? true : null,
            Stuck = stuck.Count > 0 ? stuck : null,
            Detail = detail,
        };
        return new AttemptLost(orphan.Attempt.Key, orphan.Attempt.Uid, now, AttemptCause.HostLost, detail, evidence.ToJson());
    }

    private void RemoveFolders(HashSet<string> kept)
    {
        var above = kept.SelectMany(Above).ToHashSet();
        if (Directory.Exists(_root)) RemoveIn(_root, kept, above);
    }

    private IEnumerable<string> Above(string folder)
    {
        for (var parent = Path.GetDirectoryName(folder)!; parent.Length > _root.Length; parent = Path.GetDirectoryName(parent)!) yield return parent;
    }

    private static void RemoveIn(string parent, HashSet<string> kept, HashSet<string> above)
    {
        foreach (var folder in Directory.GetDirectories(parent).Where(folder => !kept.Contains(folder)))
        {
            try
            {
                if (above.Contains(folder)) RemoveIn(folder, kept, above);
                else new AttemptFolder(folder).Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it is in nobody's way; the next start tries again
            }
        }
    }
}
