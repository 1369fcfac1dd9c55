using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orleans.Runtime;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Grains.Abstractions.Attempts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Silo.Membership;

namespace OrleansFlow.Silo.Attempts;

/// <summary>
/// The local processes of all silos as one backend. What is asked about an attempt goes to its home, which its uid names; one whose home
/// is gone is lost with it, and never launched a second time anywhere else. Thread-safe.
/// </summary>
/// <param name="local">The processes of this silo.</param>
/// <param name="endLeft">Ends, as far as they are on this machine, processes of silos that are no more, and tells of those.</param>
/// <param name="home">The epoch of this silo's seat.</param>
/// <param name="members">Who is in the cluster.</param>
/// <param name="seats">The epochs of all seats in the database.</param>
/// <param name="hosts">How the others are reached.</param>
/// <param name="time">Time.</param>
internal sealed class ClusterBackend(
    IExecutionBackend local,
    Func<IReadOnlyList<LiveAttempt>, CancellationToken, Task<IReadOnlyList<AttemptLost>>> endLeft,
    long home,
    Func<MemberList> members,
    Func<CancellationToken, Task<IReadOnlySet<long>>> seats,
    Func<SiloAddress, IAttemptHost> hosts,
    TimeProvider time) : IExecutionBackend
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Channel<AttemptStatus> _observed = Channel.CreateUnbounded<AttemptStatus>();

    /// <inheritdoc/>
    public string Name => local.Name;

    /// <summary>Of attempts that were read before, those whose home has no seat any more: it may be alive, and commits nothing.</summary>
    /// <exception cref="StoreException">The database is away.</exception>
    public async Task<IReadOnlyList<Attempt>> FindLeftAsync(IReadOnlyList<Attempt> attempts, CancellationToken cancellation)
    {
        var taken = await seats(cancellation);
        return [.. attempts.Where(attempt => !taken.Contains(AttemptUid.HomeOf(attempt.Uid)))];
    }

    /// <inheritdoc/>
    public async Task LaunchAsync(AttemptPlan plan, CancellationToken cancellation)
    {
        if (AttemptUid.HomeOf(plan.Uid) == home)
        {
            await local.LaunchAsync(plan, cancellation);
            return;
        }

        var reply = await AskAsync(plan.Uid, to => to.LaunchAsync(new LaunchAtHome(plan), cancellation), cancellation);
        if (reply is null) _observed.Writer.TryWrite(Lost(plan.Key, plan.Uid));
        else if (reply.Problem is { } problem) throw new LaunchException(problem) { Permanent = reply.Permanent };
    }

    /// <inheritdoc/>
    public Task StopAsync(AttemptKey attempt, Guid uid, StopReason reason, TimeSpan grace, CancellationToken cancellation) =>
        AttemptUid.HomeOf(uid) == home
            ? local.StopAsync(attempt, uid, reason, grace, cancellation)
            : TellAsync(uid, to => to.StopAsync(new StopAtHome(attempt, uid, reason, grace), cancellation), cancellation);

    /// <inheritdoc/>
    public Task AcknowledgeCheckpointAsync(AttemptKey attempt, Guid uid, long number, CancellationToken cancellation) =>
        AttemptUid.HomeOf(uid) == home
            ? local.AcknowledgeCheckpointAsync(attempt, uid, number, cancellation)
            : TellAsync(uid, to => to.AcknowledgeAsync(new AcknowledgeAtHome(attempt, uid, number), cancellation), cancellation);

    /// <inheritdoc/>
    public Task ReleaseAsync(AttemptKey attempt, Guid uid, CancellationToken cancellation) =>
        AttemptUid.HomeOf(uid) == home
            ? local.ReleaseAsync(attempt, uid, cancellation)
            : TellAsync(uid, to => to.ReleaseAsync(new ReleaseAtHome(attempt, uid), cancellation), cancellation);

    /// <inheritdoc/>
    /// <remarks>Those of silos that are no more. Their processes on this machine are ended; all of them are lost.</remarks>
    public async Task<IReadOnlyList<AttemptStatus>> AdoptAsync(IReadOnlyList<LiveAttempt> attempts, CancellationToken cancellation)
    {
        if (attempts.Count == 0) return [];
        var found = (await endLeft(attempts, cancellation)).ToDictionary(lost => lost.Uid);
        return [.. attempts.Select(live => found.GetValueOrDefault(live.Attempt.Uid) ?? Lost(live.Attempt.Key, live.Attempt.Uid))];
    }

    /// <inheritdoc/>
    /// <exception cref="PeerUnavailableException">A silo does not answer: nothing can be told from what is absent.</exception>
    public async Task<IReadOnlyList<AttemptStatus>> ListAsync(CancellationToken cancellation)
    {
        var lists = new List<Task<AttemptsListed>>();
        foreach (var (epoch, address) in members().Living)
            if (epoch != home) lists.Add(hosts(address).ListAsync(new ListAtHome(), cancellation));
        try
        {
            var own = await local.ListAsync(cancellation);
            return [.. own, .. (await Task.WhenAll(lists)).SelectMany(list => list.Statuses)];
        }
        catch (Exception e) when (IsOfTheWay(e))
        {
            throw new PeerUnavailableException($"a silo does not tell what runs there: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>It ends with what goes wrong with the observations of this silo.</remarks>
    public async IAsyncEnumerable<AttemptStatus> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var forwarding = ForwardAsync(ending);
        try
        {
            await foreach (var status in _observed.Reader.ReadAllAsync(ending.Token)) yield return status;
        }
        finally
        {
            await ending.CancelAsync();
            await forwarding;
        }
    }

    private async Task ForwardAsync(CancellationTokenSource ending)
    {
        try
        {
            await foreach (var status in local.ObserveAsync(ending.Token)) _observed.Writer.TryWrite(status);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }

    private Task<object?> TellAsync(Guid uid, Func<IAttemptHost, Task> call, CancellationToken cancellation) => AskAsync(
        uid,
        async to =>
        {
            await call(to);
            return new object();
        },
        cancellation);

    // Null: its home is gone.
    private async Task<T?> AskAsync<T>(Guid uid, Func<IAttemptHost, Task<T>> call, CancellationToken cancellation) where T : class
    {
        var epoch = AttemptUid.HomeOf(uid);
        while (true)
        {
            try
            {
                if (members().Living.TryGetValue(epoch, out var address)) return await call(hosts(address));
                if (await IsGoneAsync(epoch, cancellation)) return null;
            }
            catch (Exception e) when (IsOfTheWay(e) && !cancellation.IsCancellationRequested)
            {
                // it is asked again, or turns out to be gone
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    // A silo that this one has not heard of may have come up just now: then it has a seat.
    private async Task<bool> IsGoneAsync(long epoch, CancellationToken cancellation) =>
        members().Dead.Contains(epoch) || !(await seats(cancellation)).Contains(epoch);

    private static bool IsOfTheWay(Exception error) => error is OrleansMessageRejectionException or TimeoutException or OperationCanceledException or StoreException;

    private AttemptLost Lost(AttemptKey attempt, Guid uid)
    {
        var now = time.GetUtcNow();
        return new AttemptLost(
            attempt, uid, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)), AttemptCause.HostLost, "the silo that ran it is gone", null);
    }
}
