using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Tests.Simulation.Faults;

namespace OrleansFlow.Tests.Simulation.Workload;

/// <summary>DAGs of every kind that a file could describe.</summary>
internal sealed class RandomDags(Chance chance, DateTimeOffset start, DateTimeOffset end)
{
    /// <summary>The pools that tasks name.</summary>
    public static readonly IReadOnlyList<string> Pools = [LimitKeys.DefaultPool, "small", "wide"];

    private static readonly IReadOnlyList<CallbackSpec> Told = [new CallbackSpec { Webhook = "https://example.test/hook" }];

    public DagSpec Make(int number)
    {
        var tasks = new List<TaskSpec>();
        var layers = chance.Between(1, 5);
        for (var layer = 0; layer < layers; layer++)
        {
            var above = tasks.Select(task => task.Id).ToArray();
            for (var i = chance.Between(1, 4); i > 0; i--) tasks.Add(Task($"t{layer}{(char)('a' + i)}", above));
        }

        return new DagSpec
        {
            Id = new DagId($"dag{number}"),
            Tasks = tasks,
            Schedule = Schedule(),
            MaxActiveRuns = chance.Happens(0.5) ? chance.Between(1, 2) : 16,
            MaxActiveTasks = chance.Happens(0.3) ? chance.Between(1, 4) : null,
            RunTimeout = chance.Happens(0.15) ? TimeSpan.FromSeconds(chance.Between(20, 900)) : null,
            OnSuccess = chance.Happens(0.3) ? Told : [],
            OnFailure = chance.Happens(0.3) ? Told : [],
        };
    }

    private TaskSpec Task(string id, IReadOnlyList<TaskId> above) => new()
    {
        Id = new TaskId(id),
        Action = chance.Happens(0.1) ? new NoopAction() : new CommandAction(["work"], []),
        Needs = [.. above.Where(_ => chance.Happens(0.4)).TakeLast(4)],
        TriggerRule = chance.Happens(0.5) ? TriggerRule.AllSuccess : (TriggerRule)chance.Between(1, 13),
        When = chance.Happens(0.15) ? chance.Of(["true", "false", "1 < 2", "'a' == 'b'"]) : null,
        Map = chance.Happens(0.15) ? new ListMap(new JsonArray([.. Enumerable.Range(0, chance.Between(0, 4)).Select(i => JsonValue.Create(i))]), null) : null,
        Retry = new RetryPolicy
        {
            Retries = chance.Between(0, 3),
            Delay = TimeSpan.FromSeconds(chance.Between(0, 40)),
            Backoff = chance.Happens(0.5) ? 2 : 1,
            InfraRetries = chance.Happens(0.2) ? chance.Between(0, 2) : 10,
        },
        Timeout = chance.Happens(0.2) ? TimeSpan.FromSeconds(chance.Between(5, 120)) : null,
        QueuedTimeout = chance.Happens(0.15) ? TimeSpan.FromSeconds(chance.Between(5, 300)) : null,
        GracePeriod = TimeSpan.FromSeconds(chance.Between(1, 30)),
        Pool = chance.Happens(0.5) ? Pools[0] : chance.Of(Pools),
        PoolSlots = chance.Happens(0.2) ? 2 : 1,
        Priority = chance.Between(1, 5),
        MaxActive = chance.Happens(0.15) ? chance.Between(1, 2) : null,
        OnSuccess = chance.Happens(0.2) ? Told : [],
        OnFailure = chance.Happens(0.2) ? Told : [],
        OnRetry = chance.Happens(0.1) ? Told : [],
        OnCancel = chance.Happens(0.1) ? Told : [],
    };

    private ScheduleSpec? Schedule() => chance.Between(0, 5) switch
    {
        0 => new ScheduleSpec { Every = TimeSpan.FromSeconds(chance.Between(60, 300)), Catchup = chance.Happens(0.6), Start = start, End = end },
        1 => new ScheduleSpec { Cron = "*/3 * * * *", Catchup = chance.Happens(0.6), Start = start, End = end },
        2 => new ScheduleSpec { Every = TimeSpan.FromSeconds(90), End = end },
        _ => null,
    };
}
