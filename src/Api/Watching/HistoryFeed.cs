using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Queries;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Api.Watching;

/// <summary>
/// What all who follow the history of one run share: the turns at which it is looked at, not more often than is of use, and what is read in each.
/// Thread-safe.
/// </summary>
internal sealed class HistoryFeed : IRunListener, IDisposable
{
    private const int Burst = 4;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly ApiParts _parts;
    private readonly RunId _run;
    private readonly Pacing _pacing = new(Pace, Burst);
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationToken _ended;
    private volatile TaskCompletionSource _heard = NewSignal();
    private volatile TaskCompletionSource _next = NewSignal();
    private volatile HistoryTurn _turn;

    public HistoryFeed(ApiParts parts, RunId run)
    {
        (_parts, _run, _ended) = (parts, run, _over.Token);
        _turn = NewTurn();
        // Before anybody can be heard: what grows until the first wait begins must not be missed.
        var heard = _heard.Task;
        var listening = parts.Changes.Listen(run, this);
        _ = Task.Run(() => FollowAsync(listening, heard));
    }

    /// <summary>The turn of everybody: what others have read in it is not read again.</summary>
    public HistoryTurn Turn => _turn;

    /// <summary>A turn of one's own, in which everything is read anew: for those who come.</summary>
    public HistoryTurn NewTurn() => new(IsOverAsync, ReadAsync, _next.Task);

    /// <inheritdoc/>
    public void RowChanged(RowKey row)
    {
        // the history tells of it
    }

    /// <inheritdoc/>
    public void HistoryGrew() => Interlocked.Exchange(ref _heard, NewSignal()).TrySetResult();

    /// <inheritdoc/>
    public void OtherHostChanged() => HistoryGrew();

    /// <summary>Nobody follows any more.</summary>
    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }

    private async Task FollowAsync(IDisposable listening, Task heard)
    {
        using (listening)
        {
            try
            {
                while (true)
                {
                    await Task.WhenAny(heard, Task.Delay(_parts.LookEvery, _parts.Time, _ended));
                    var rest = _pacing.Rest(_parts.Time.GetUtcNow());
                    if (rest > TimeSpan.Zero) await Task.Delay(rest, _parts.Time, _ended);
                    _ended.ThrowIfCancellationRequested();
                    _pacing.Done(_parts.Time.GetUtcNow());
                    // Before the turn begins: what comes while it is read belongs to the one after it.
                    heard = _heard.Task;
                    var now = _next;
                    _next = NewSignal();
                    _turn = NewTurn();
                    now.TrySetResult();
                }
            }
            catch (OperationCanceledException)
            {
                // nobody follows any more
            }
        }
    }

    private async Task<bool> IsOverAsync() =>
        await _parts.Pages.FindRunRowAsync(_run, _ended) is not { } row || row.State.IsFinished();

    private Task<HistoryPage> ReadAsync(long after) => _parts.Pages.ReadHistoryAsync(_run, null, after, HistoryTurn.PageSize, _ended);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One look at a history: what is asked for twice is read once. Thread-safe.</summary>
/// <param name="isOver">Whether the run has ended.</param>
/// <param name="read">Reads a page behind a number.</param>
/// <param name="next">Completes when the next turn begins.</param>
internal sealed class HistoryTurn(Func<Task<bool>> isOver, Func<long, Task<HistoryPage>> read, Task next)
{
    /// <summary>The events of a page.</summary>
    public const int PageSize = 1000;

    /// <summary>
    /// How many events a page may have that is kept for those who come a little later: those who stand at the end have such. Others are shared
    /// while they are read.
    /// </summary>
    private const int MostKept = 100;

    private const int MostPages = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task<HistoryPage>> _pages = [];
    private Task<bool>? _over;

    /// <summary>Completes when the next turn begins: what this one has not seen is seen by that.</summary>
    public Task Next => next;

    /// <summary>Whether the run has ended. To be asked before a page is: what was committed before the end is then on it.</summary>
    public Task<bool> IsOverAsync()
    {
        lock (_lock) return _over ??= isOver();
    }

    /// <summary>The events behind a number.</summary>
    public Task<HistoryPage> ReadAsync(long after)
    {
        lock (_lock)
        {
            if (_pages.TryGetValue(after, out var known)) return known;
            if (_pages.Count >= MostPages) return read(after);
            var page = read(after);
            _pages[after] = page;
            _ = ForgetAsync(after, page);
            return page;
        }
    }

    private async Task ForgetAsync(long after, Task<HistoryPage> page)
    {
        await ((Task)page).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (page.IsCompletedSuccessfully && (await page).Entries.Count <= MostKept) return;
        lock (_lock) _pages.Remove(after);
    }
}
