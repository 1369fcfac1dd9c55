using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Grains.Hosting;

/// <summary>
/// Runs the engine with its silo: it commits from before the first grain until the last one has handed over, and hears its backend while the
/// silo takes work.
/// </summary>
/// <param name="services">Where the engine is found: it needs what this gives.</param>
internal sealed class EngineLifecycle(IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _leaving = new();
    private Task _committing = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;

    /// <summary>Cancelled when all grains have handed over.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(EngineLifecycle), ServiceLifecycleStage.RuntimeServices, _ => Begin(ref _committing, Engine.CommitAsync), EndAsync);
        lifecycle.Subscribe(nameof(EngineLifecycle), ServiceLifecycleStage.Active, _ => Begin(ref _listening, () => Engine.ListenAsync(_leaving.Token)), LeaveAsync);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaving.Dispose();
        _stopping.Dispose();
    }

    private Engine Engine => services.GetRequiredService<Engine>();

    // Not on the scheduler of the lifecycle.
    private static Task Begin(ref Task running, Func<Task> run)
    {
        running = Task.Run(run);
        return Task.CompletedTask;
    }

    private async Task LeaveAsync(CancellationToken cancellation)
    {
        await _leaving.CancelAsync();
        await _listening.WaitAsync(cancellation);
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _committing.WaitAsync(cancellation);
    }
}
