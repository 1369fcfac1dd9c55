using Microsoft.Extensions.Hosting;

namespace OrleansFlow.Standalone.Serving;

/// <summary>Signals are the business of the program, not of the hosts that it is made of.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
