using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Tests.Simulation.Faults;
using OrleansFlow.Tests.Simulation.Hosting;

namespace OrleansFlow.Tests.Simulation.World;

/// <summary>An attempt in the world: a pod or a process.</summary>
internal sealed class SimLife(AttemptPlan plan, SimHost host, Chance scenario)
{
    public AttemptKey Key { get; } = plan.Key;

    public Guid Uid { get; } = plan.Uid;

    /// <summary>Who launched it; a local process dies with it.</summary>
    public SimHost Host { get; } = host;

    /// <summary>What is meant to become of it: fixed by task and epoch.</summary>
    public Chance Scenario { get; } = scenario;

    /// <summary>What a list says of it.</summary>
    public AttemptStatus Status { get; private set; } = new AttemptPending(plan.Key, plan.Uid, null);

    /// <summary>Done when it runs or will not: what a launch on one machine waits for.</summary>
    public TaskCompletionSource Begun { get; } = new();

    public bool IsRunning => Status is AttemptStarted;

    public bool HasEnded => Status is AttemptExited or AttemptLost;

    /// <summary>It was told to stop.</summary>
    public bool Stopping { get; set; }

    /// <summary>It has to wait.</summary>
    public AttemptStatus Hold(string why) => Status = new AttemptPending(Key, Uid, why);

    public AttemptStatus Start(DateTimeOffset now)
    {
        Begun.TrySetResult();
        return Status = new AttemptStarted(Key, Uid, now, "node1", """{"pid":1}""");
    }

    public AttemptStatus End(AttemptStatus how)
    {
        Begun.TrySetResult();
        return Status = how;
    }

    /// <summary>Ends by an exit code, now.</summary>
    public AttemptStatus Exit(int code, DateTimeOffset now)
    {
        var started = (Status as AttemptStarted)?.At ?? now;
        var outputs = code != 0 ? null : new StagedOutputs(
            [new StagedFile("out.txt", 1, new string('0', 64), $"sim://{Key}")],
            new SortedDictionary<string, string> { ["epoch"] = Key.Epoch.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return End(new AttemptExited(Key, Uid, started, "node1", new ExitReport { ExitCode = code, At = now, Outputs = outputs }));
    }

    /// <summary>Ends by what is not its own doing, now.</summary>
    public AttemptStatus Lose(AttemptCause cause, DateTimeOffset now) => End(new AttemptLost(Key, Uid, now, cause, Names.Of(cause), null));
}
