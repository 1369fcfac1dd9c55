using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Following;

/// <summary>The first Ctrl-C cancels the run, gracefully and saying so; the second ends the process (<see cref="Terminal.Interrupts"/>).</summary>
internal sealed class CancelOnInterrupt : IDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private readonly Task _cancelled;

    public CancelOnInterrupt(Invocation flow, IEngine engine, RunId run)
    {
        _cancelled = CancelAsync(flow, engine, run);
        _registration = flow.Interrupts.Asked.Register(() => _asked.TrySetResult());
    }

    /// <summary>Completes when the run has been cancelled, at once when nobody asked for it; then it is too late to ask.</summary>
    public Task Done
    {
        get
        {
            _registration.Dispose();
            return _asked.Task.IsCompleted ? _cancelled : Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();

    private async Task CancelAsync(Invocation flow, IEngine engine, RunId run)
    {
        await _asked.Task;
        flow.Messages.Say($"cancelling run {run}: its tasks get their grace period; Ctrl-C again leaves at once");
        await engine.CancelAndWaitAsync(run, CancellationToken.None);
    }
}
