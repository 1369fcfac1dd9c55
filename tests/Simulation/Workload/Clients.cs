using OrleansFlow.Domain.History;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Workload;

/// <summary>
/// How people ask: each command under a request id of its own, again and again until some host answers, sometimes twice at once, and
/// sometimes once more when it has long been answered. What was accepted must stay the answer.
/// </summary>
internal sealed class Clients(Cluster cluster)
{
    private readonly SimClock _clock = new(cluster.Scheduler);
    private int _requests;

    /// <summary>How many commands have no answer yet, or may still be repeated.</summary>
    public int Open { get; private set; }

    private Chance Chance => cluster.Chance;

    /// <summary>Gives a command; returns its answer, and goes on repeating it in the background.</summary>
    /// <param name="what">The command in words.</param>
    /// <param name="call">Makes the call, anew each time.</param>
    /// <param name="accepted">Whether an answer says that it was done.</param>
    public async Task<TReply> AskAsync<TReply>(string what, Func<IPeers, Origin, Task<TReply>> call, Func<TReply, bool> accepted)
        where TReply : class
    {
        var origin = new Origin("somebody", "10.0.0.7", $"request-{++_requests}");
        cluster.Trace.Add($"people: {what} ({origin.RequestId})");
        Open++;
        try
        {
            var twin = Chance.Happens(0.2) ? UntilAnsweredAsync(peers => call(peers, origin)) : null;
            var answer = await UntilAnsweredAsync(peers => call(peers, origin));
            if (accepted(answer) && !cluster.Auditor.Requests.Knows(origin.RequestId!)) cluster.Fail($"{what} was accepted and is not recorded");
            cluster.Guard(RepeatAsync(what, origin, peers => call(peers, origin), answer, twin, accepted));
            return answer;
        }
        finally
        {
            Open--;
        }
    }

    private async Task RepeatAsync<TReply>(
        string what, Origin origin, Func<IPeers, Task<TReply>> call, TReply answer, Task<TReply>? twin, Func<TReply, bool> accepted)
        where TReply : class
    {
        Open++;
        try
        {
            if (twin is not null) Compare(what, answer, await twin, accepted);
            if (!accepted(answer)) return;
            if (Chance.Happens(0.4))
            {
                await Task.Delay(Chance.Within(TimeSpan.FromMinutes(3)), _clock);
                Compare(what, answer, await UntilAnsweredAsync(call), accepted);
            }

            if (Chance.Happens(0.1)) await BeRefusedAsync(origin);
        }
        finally
        {
            Open--;
        }
    }

    private void Compare<TReply>(string what, TReply answer, TReply again, Func<TReply, bool> accepted) where TReply : class
    {
        cluster.Trace.Add($"people: {what} once more: {again}");
        if (accepted(answer) && !answer.Equals(again)) cluster.Fail($"{what} was answered by {answer}, and then by {again}");
    }

    // The same id for another command.
    private async Task BeRefusedAsync(Origin origin)
    {
        try
        {
            var answer = await UntilAnsweredAsync(peers => peers.Pool("small").SetSlotsAsync(new SetSlots(99) { By = origin }, default));
            cluster.Fail($"{origin.RequestId} serves two commands: {answer}");
        }
        catch (RequestReusedException)
        {
        }
    }

    private async Task<T> UntilAnsweredAsync<T>(Func<IPeers, Task<T>> call)
    {
        while (true)
        {
            if (cluster.Active is { } host)
            {
                var answer = call(host.Peers);
                await Task.WhenAny(answer, host.Ended, Task.Delay(TimeSpan.FromMinutes(2), _clock));
                if (answer.IsCompletedSuccessfully || answer.Exception?.InnerException is RequestReusedException) return await answer;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), _clock);
        }
    }
}
