using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Hosts;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>When a host is in charge: once, from its start to its end, or by turns with the other hosts of its database. Thread-safe.</summary>
/// <param name="parts">What it brings into each time.</param>
/// <param name="changed">Called when it is in charge from now on, or no more.</param>
internal sealed class Turns(TenureParts parts, Action changed) : IAsyncDisposable
{
    /// <summary>How often a host that stands by looks whether it is its turn.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private volatile Tenure? _current;
    private volatile bool _hasPlace;
    private Task _taking = Task.CompletedTask;
    private int _disposed;

    /// <summary>The time in charge that has begun and is not over; null: it is somebody else's turn.</summary>
    public Tenure? Current => _current is { IsOver: false } tenure ? tenure : null;

    /// <summary>Whether other hosts have to wait for this one: from before its time in charge begins until it is handed over.</summary>
    public bool HasPlace => _hasPlace;

    /// <summary>Takes charge now, and for good.</summary>
    /// <exception cref="AnotherHostException">Another host is in charge of the database.</exception>
    /// <exception cref="StoreException">The database is away.</exception>
    public async Task<Tenure> TakeAsync(CancellationToken cancellation)
    {
        var fence = await HostFence.AcquireAsync(parts.Connections, new HostOptions(), parts.Time, cancellation);
        _hasPlace = true;
        return _current = await Tenure.StartAsync(parts, fence, cancellation);
    }

    /// <summary>Begins to take turns.</summary>
    public void Begin() => _taking = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Hands over: returns when another host can take charge. What runs is ended as <see cref="Tenure.DisposeAsync"/> says.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stopping.CancelAsync();
        await _taking;
        if (_current is { } tenure) await tenure.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var turn = new HostOptions { StandBy = LookEvery };
        var next = turn;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await TakeOneAsync(next);
                next = turn;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is StoreException or FencedException or AnotherHostException)
            {
                if (_stopping.IsCancellationRequested) return;
                if (e is StoreException) parts.Journal.StoreUnavailable(e.Message);
                else parts.Journal.Note("turn", e.Message);
                next = turn with { Doubt = turn.Lease };
            }
            catch (Exception e)
            {
                parts.Journal.Defect("taking charge", e);
            }

            await Task.Delay(LookEvery, parts.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeOneAsync(HostOptions options)
    {
        var fence = await HostFence.AcquireAsync(parts.Connections, options, parts.Time, _stopping.Token);
        _hasPlace = true;
        try
        {
            parts.Journal.Say("this host is in charge now");
            await using var tenure = await Tenure.StartAsync(parts, fence, _stopping.Token);
            _current = tenure;
            changed();
            await UntilAsync(tenure.Lost);
            if (_stopping.IsCancellationRequested) return;
            parts.Journal.Say("another host has taken over; this one ends what it ran, and stands by");
            changed();
        }
        finally
        {
            _hasPlace = false;
        }
    }

    private async Task UntilAsync(CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, _stopping.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, parts.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
