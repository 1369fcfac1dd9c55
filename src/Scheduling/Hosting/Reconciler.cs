using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Hosting;

/// <summary>
/// Compares the unfinished attempts of the rows with the list of the backend, which is the truth: observations may be lost. What is
/// listed is told again; what is absent twice in a row, each time from a list begun after its row was read, is gone or was never launched.
/// </summary>
internal sealed class Reconciler(IStateReader reader, IExecutionBackend backend, IPeers peers, TimeProvider time)
{
    private HashSet<Guid> _suspects = [];

    /// <summary>Compares once, and returns what is to be delivered, with what it is about.</summary>
    public async Task<IReadOnlyList<(RowKey Row, Func<Task> Deliver)>> OnceAsync(CancellationToken cancellation)
    {
        var attempts = await reader.ReadLiveAttemptsAsync(null, cancellation);
        // Of one attempt there may be several: its checkpoint that waits to be recorded, and last its state.
        var listed = (await backend.ListAsync(cancellation)).GroupBy(status => status.Uid).ToDictionary(group => group.Key, group => group.ToArray());
        var suspects = new HashSet<Guid>();
        var deliveries = new List<(RowKey, Func<Task>)>();
        foreach (var attempt in attempts)
        {
            var row = RowKey.Of(attempt.Key.Task);
            listed.Remove(attempt.Uid, out var statuses);
            var status = statuses?[^1];
            var news = statuses?.Where(word => IsNews(attempt, word)).ToArray() ?? [];
            foreach (var word in news) deliveries.Add((row, () => peers.Task(attempt.Key.Task).ObserveAsync(word, cancellation)));
            if (news.Length > 0) continue;
            if (Agree(attempt, status)) continue;
            else if (!_suspects.Contains(attempt.Uid)) suspects.Add(attempt.Uid);
            else if (MayBeDoneAgain(attempt, status)) deliveries.Add((row, () => peers.WakeAsync(row, null, cancellation)));
            else deliveries.Add((row, () => peers.Task(attempt.Key.Task).ObserveAsync(Vanished(attempt), cancellation)));
        }

        // What is there and in no unfinished row: its end was committed and not released, or a zombie launched it.
        foreach (var status in listed.Values.Select(statuses => statuses[^1]).OrderBy(status => status.Attempt))
            deliveries.Add((RowKey.Of(status.Attempt.Task), () => peers.Task(status.Attempt.Task).ObserveAsync(status, cancellation)));
        _suspects = suspects;
        return deliveries;
    }

    private static bool IsNews(Attempt attempt, AttemptStatus status) =>
        status is AttemptExited or AttemptLost or CheckpointSaved
        || (status is AttemptStarted && attempt.State == AttemptState.Dispatching)
        || (status is AttemptPending { Detail: not null } && attempt is { State: AttemptState.Dispatching, Stop: null });

    private static bool Agree(Attempt attempt, AttemptStatus? status) => status is not null && attempt.Stop is null;

    // An intent whose launch, or a stop whose word, may never have reached the backend: both are harmless to repeat.
    private static bool MayBeDoneAgain(Attempt attempt, AttemptStatus? status) =>
        status is not null || attempt is { State: AttemptState.Dispatching, Stop: null };

    private AttemptLost Vanished(Attempt attempt)
    {
        var now = time.GetUtcNow();
        return new AttemptLost(
            attempt.Key, attempt.Uid, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)), AttemptCause.Unknown,
            "the backend does not have it any more, and knows nothing of its end", null);
    }
}
