using OrleansFlow.Tests.Simulation.Time;

namespace OrleansFlow.Tests.Simulation.Hosting;

/// <summary>Starts hosts and ends them: by crash, by stop, by take-over of one that still lives, or two at once for a while.</summary>
internal sealed class HostLives(Cluster cluster)
{
    private readonly SimClock _clock = new(cluster.Scheduler);

    /// <summary>Until the trouble is over; then one host is left, or about to be.</summary>
    public async Task RunAsync(DateTimeOffset quiet)
    {
        var host = cluster.StartHost();
        while (true)
        {
            var life = Task.Delay(cluster.Chance.Within(TimeSpan.FromMinutes(4)), _clock);
            await Task.WhenAny(life, host.Ended);
            if (cluster.Scheduler.Now >= quiet) break;
            host = host.Dead ? await ReplaceAsync() : await EndAsync(host);
        }

        if (host.Dead) cluster.StartHost();
    }

    private async Task<SimHost> EndAsync(SimHost host)
    {
        switch (cluster.Chance.Between(0, 9))
        {
            case <= 4:
                host.Crash("by chance");
                return await ReplaceAsync();
            case <= 6:
                host.Stop();
                await Task.WhenAny(host.Ended, Task.Delay(TimeSpan.FromMinutes(2), _clock));
                if (!host.Dead) cluster.Fail($"{host.Name} was told to stop, and has not after two minutes");
                return await ReplaceAsync();
            case 7 or 8:
                // Believed dead, and is not: the store refuses it, its backend does not.
                host.Fenced = true;
                var next = cluster.StartHost();
                cluster.Guard(CrashAsync(host, "as a zombie"));
                return next;
            default:
                // Two that know nothing of each other; in the end both are gone, and a third finds what they left.
                var twin = cluster.StartHost();
                await CrashAsync(host, "as a twin");
                await CrashAsync(twin, "as a twin");
                return await ReplaceAsync();
        }
    }

    private async Task<SimHost> ReplaceAsync()
    {
        if (cluster.Chance.Happens(0.7)) await Task.Delay(cluster.Chance.Within(TimeSpan.FromSeconds(40)), _clock);
        return cluster.StartHost();
    }

    private async Task CrashAsync(SimHost host, string why)
    {
        await Task.Delay(cluster.Chance.Within(TimeSpan.FromSeconds(60)), _clock);
        host.Crash(why);
    }
}
