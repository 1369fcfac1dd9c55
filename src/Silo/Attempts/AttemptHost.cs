using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Grains.Abstractions.Attempts;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Silo.Attempts;

/// <summary>Offers the attempts of this silo to the others.</summary>
/// <param name="id">Given by Orleans.</param>
/// <param name="silo">Given by Orleans.</param>
/// <param name="loggers">Given by Orleans.</param>
/// <param name="local">The attempts.</param>
[Reentrant]
internal sealed class AttemptHost(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory loggers, LocalProcessBackend local)
    : GrainService(id, silo, loggers), IAttemptHost
{
    /// <inheritdoc/>
    /// <remarks>A caller who gives up asks again, and finds the launch as far as it has come meanwhile: fetching inputs may take longer than a call.</remarks>
    public async Task<AttemptLaunched> LaunchAsync(LaunchAtHome message, CancellationToken cancellation)
    {
        try
        {
            await local.LaunchAsync(message.Plan, CancellationToken.None).WaitAsync(cancellation);
            return new AttemptLaunched();
        }
        catch (LaunchException refused)
        {
            return new AttemptLaunched(refused.Message, refused.Permanent);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(StopAtHome message, CancellationToken cancellation) =>
        local.StopAsync(message.Attempt, message.Uid, message.Reason, message.Grace, cancellation);

    /// <inheritdoc/>
    public Task AcknowledgeAsync(AcknowledgeAtHome message, CancellationToken cancellation) =>
        local.AcknowledgeCheckpointAsync(message.Attempt, message.Uid, message.Number, cancellation);

    /// <inheritdoc/>
    public Task ReleaseAsync(ReleaseAtHome message, CancellationToken cancellation) => local.ReleaseAsync(message.Attempt, message.Uid, cancellation);

    /// <inheritdoc/>
    public async Task<AttemptsListed> ListAsync(ListAtHome message, CancellationToken cancellation) => new(await local.ListAsync(cancellation));
}

/// <summary>Finds the attempts of a silo.</summary>
/// <param name="services">Of this silo.</param>
internal sealed class AttemptHosts(IServiceProvider services) : GrainServiceClient<IAttemptHost>(services)
{
    /// <summary>Those of one silo.</summary>
    public IAttemptHost At(SiloAddress silo) => GetGrainService(silo);
}
