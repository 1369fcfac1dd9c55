using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli.Following;

/// <summary>Says on standard error what the host has to say, until it is disposed.</summary>
internal sealed class NoticePump : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _pumping;

    public NoticePump(IEngine engine, Messages messages) => _pumping = PumpAsync(engine, messages);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pumping;
        _stop.Dispose();
    }

    private async Task PumpAsync(IEngine engine, Messages messages)
    {
        try
        {
            await foreach (var notice in engine.NoticesAsync(_stop.Token)) messages.Say(notice);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
