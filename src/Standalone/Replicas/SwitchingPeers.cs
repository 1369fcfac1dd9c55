using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>
/// The coordinators as a host's API reaches them: here while this host is in charge, at the host in charge while that is another one, and
/// while it is nobody the command waits. Each carries a request id, so that it is done once however often it has to be given. Thread-safe.
/// </summary>
/// <param name="inCharge">The coordinators of this host while it is in charge; null while it is not.</param>
/// <param name="findActive">Where the host in charge is; null: nobody knows.</param>
/// <param name="link">How others are asked.</param>
/// <param name="newId">Names commands that come without a request id.</param>
/// <param name="time">Time.</param>
internal sealed class SwitchingPeers(
    Func<IPeers?> inCharge, Func<CancellationToken, Task<string?>> findActive, PeerLink link, Func<string> newId, TimeProvider time) : RoutedPeers
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    /// <remarks>What coordinators tell each other never leaves the host in charge.</remarks>
    protected override async Task<TReply> AskAsync<TPeer, TReply>(RowKey row, Func<TPeer, Task<TReply>> call, CancellationToken cancellation) =>
        await call((TPeer)(inCharge() ?? throw new FencedException("this host is not in charge")).OwnerOf(row));

    /// <inheritdoc/>
    protected override async Task<TReply> CommandAsync<TPeer, TCommand, TReply>(
        RowKey row, TCommand command, Func<TPeer, TCommand, Task<TReply>> call, CancellationToken cancellation)
    {
        var named = UserCommand.Named(command, newId);
        while (true)
        {
            try
            {
                if (inCharge() is { } here) return await call((TPeer)here.OwnerOf(row), named);
                if (await findActive(cancellation) is { } address
                    && await link.AskAsync<TCommand, TReply>(address, PeerCommands.NameOf(named), row.Id, named, cancellation) is { } reply) return reply;
            }
            catch (Exception e) when (IsPassing(e) && !cancellation.IsCancellationRequested)
            {
                // whoever is in charge next is asked
            }

            await System.Threading.Tasks.Task.Delay(Pause, time, cancellation);
        }
    }

    // An engine that ends under a command cancels it.
    private static bool IsPassing(Exception failure) => failure is FencedException or OperationCanceledException
        or StoreException { Failure: StoreFailure.Fenced } or StoreException { MayPass: true };
}
