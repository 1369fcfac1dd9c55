using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>Says of this host, again and again, that it is up and what it does. Thread-safe.</summary>
/// <param name="table">Where.</param>
/// <param name="word">What it says.</param>
/// <param name="heard">Called whenever the database has taken the word.</param>
/// <param name="time">Time.</param>
internal sealed class ReplicaBoard(ReplicaTable table, Func<HostWord> word, Action heard, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _news = new(0);
    private Task _saying = Task.CompletedTask;

    /// <summary>Says it once, and goes on to.</summary>
    public async Task StartAsync()
    {
        await SayAsync();
        _saying = Task.Run(RunAsync);
    }

    /// <summary>It does something else from now on.</summary>
    public void Tell() => _news.Release();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _saying;
        using var limit = new CancellationTokenSource(LastWord, time);
        try
        {
            await table.LeaveAsync(limit.Token);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // the word runs out by itself
        }

        _stop.Dispose();
        _news.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _news.WaitAsync(ReplicaTable.Lease / 3, _stop.Token);
                await SayAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // it leaves
        }
    }

    private async Task SayAsync()
    {
        try
        {
            await table.SayAsync(word(), _stop.Token);
            heard();
        }
        catch (StoreException)
        {
            // the database is away, as others report; the next word comes soon
        }
    }
}
