using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Bench.Throughput;

/// <summary>
/// Triggers runs at a fixed rate, whatever becomes of them. A run's logical date is the moment it should have arrived, so that the
/// database knows how late the system was, the wait in front of it included.
/// </summary>
internal sealed class OpenLoop(ITrigger trigger, TimeProvider time)
{
    private int _issued;
    private int _answered;
    private Exception? _failure;

    /// <summary>Runs asked for and not yet committed.</summary>
    public int Outstanding => Volatile.Read(ref _issued) - Volatile.Read(ref _answered);

    /// <summary>Triggers for as long as is asked; returns the number of runs.</summary>
    public async Task<int> RunAsync(double runsPerSecond, TimeSpan duration, CancellationToken cancellation)
    {
        var start = time.GetUtcNow();
        var total = (int)(runsPerSecond * duration.TotalSeconds);
        for (var i = 0; i < total;)
        {
            var now = time.GetUtcNow();
            for (; i < total && start + TimeSpan.FromSeconds(i / runsPerSecond) is var due && due <= now; i++) Trigger(due, cancellation);
            if (_failure is { } failure) throw new BenchException($"a run could not be triggered: {failure.Message}");
            await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellation);
        }

        var rest = start + duration - time.GetUtcNow();
        if (rest > TimeSpan.Zero) await Task.Delay(rest, time, cancellation);
        return total;
    }

    private async void Trigger(DateTimeOffset due, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _issued);
        try
        {
            var run = RunId.Create(RunKind.Manual, due, Engine.Suffix(Guid.NewGuid()) + Engine.Suffix(Guid.NewGuid()));
            await trigger.TriggerAsync(run, due, cancellation);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            _failure = e;
        }
        finally
        {
            Interlocked.Increment(ref _answered);
        }
    }
}
