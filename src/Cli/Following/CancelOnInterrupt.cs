using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Following;

/// <summary>
/// The first Ctrl-C cancels the run, gracefully and saying so; the second kills its tasks. When the process is told from outside to end, or
/// killing does not bring the run to its end, the run is left to the next host.
/// </summary>
internal sealed class CancelOnInterrupt : IDisposable
{
    /// <summary>How long a run whose tasks were killed has to end: PostgreSQL may be away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _impatient = new();
    private readonly CancellationTokenSource _leaving;
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private readonly Invocation _flow;
    private readonly RunId _run;
    private readonly Task _cancelled;

    public CancelOnInterrupt(Invocation flow, IEngine engine, RunId run)
    {
        (_flow, _run) = (flow, run);
        var interrupts = flow.Interrupts;
        _leaving = CancellationTokenSource.CreateLinkedTokenSource(interrupts.ToldToLeave, _impatient.Token);
        Leaving = _leaving.Token;
        _cancelled = CancelAsync(engine);
        _registrations.Add(interrupts.Asked.Register(() =>
        {
            if (!Leaving.IsCancellationRequested) _asked.TrySetResult();
        }));
        _registrations.Add(interrupts.Hurry.Register(() => _ = HurryAsync()));
    }

    /// <summary>Cancelled when the run is to be left as it is.</summary>
    public CancellationToken Leaving { get; }

    /// <summary>Somebody asked for it.</summary>
    public bool WasAsked => _asked.Task.IsCompleted;

    /// <summary>Completes when the run has been cancelled, at once when nobody asked for it; then it is too late to ask.</summary>
    public Task Done
    {
        get
        {
            Dispose();
            return WasAsked ? _cancelled : Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private async Task CancelAsync(IEngine engine)
    {
        await _asked.Task;
        _flow.Messages.Say($"cancelling run {_run}: its tasks get their grace period; Ctrl-C again kills them");
        try
        {
            await engine.CancelAndWaitAsync(_run, new CancelRun { By = _flow.NewOrigin() with { Why = "interrupted" } }, Leaving);
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested)
        {
            // the next host goes on with cancelling
        }
    }

    private async Task HurryAsync()
    {
        if (Leaving.IsCancellationRequested) return;
        _flow.Messages.Say($"killing what still runs of {_run}");
        await Task.Delay(Patience, _flow.Screen.Time, CancellationToken.None);
        await _impatient.CancelAsync();
    }
}
