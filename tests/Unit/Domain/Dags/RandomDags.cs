using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;
using OrleansFlow.Domain.Tasks;

namespace OrleansFlow.Tests.Unit.Domain.Dags;

/// <summary>Random DAGs that use every field; not all are valid, all can be written down.</summary>
internal sealed class RandomDags(int seed)
{
    private readonly Random _random = new(seed);

    public DagSpec Next() => new()
    {
        Id = new DagId(Text()),
        Description = Maybe(Text),
        Docs = Maybe(Text),
        Tags = Many(Text),
        Owner = Maybe(Text),
        Schedule = Maybe(Schedule),
        Paused = Coin(),
        MaxActiveRuns = _random.Next(1, 30),
        MaxActiveTasks = Coin() ? _random.Next(9) : null,
        RunTimeout = Coin() ? Time() : null,
        Params = Named(() => new JsonObject { ["type"] = Text(), ["default"] = Json(2) }),
        Env = Named(Text),
        Groups = Many(() => new GroupSpec { Id = Text(), Description = Maybe(Text) }),
        Tasks = [.. Enumerable.Range(0, _random.Next(6)).Select(Task)],
        OnSuccess = Many(Callback),
        OnFailure = Many(Callback),
    };

    private TaskSpec Task(int index) => new()
    {
        Id = new TaskId($"t{index}"),
        Description = Maybe(Text),
        Action = _random.Next(3) switch { 0 => new CommandAction(Many(Text), Many(Text)), 1 => new ScriptAction(Text(), Shell()), _ => new NoopAction() },
        Needs = [.. Enumerable.Range(0, index).Where(_ => Coin()).Select(i => new TaskId($"t{i}"))],
        TriggerRule = Member<TriggerRule>(),
        When = Maybe(Text),
        Map = Maybe(Map),
        Retry = new RetryPolicy
        {
            Retries = _random.Next(4),
            Delay = Time(),
            Backoff = 1 + _random.Next(5) / 4.0 + (Coin() ? 0 : _random.NextDouble()),
            MaxDelay = Time(),
            RetryOn = Many(Rule),
            FailOn = Many(Rule),
            SkipExitCodes = Many(() => _random.Next(256)),
            FailExitCodes = Many(() => _random.Next(256)),
            InfraRetries = _random.Next(12),
            LaunchRetries = _random.Next(5),
        },
        Timeout = Coin() ? Time() : null,
        QueuedTimeout = Coin() ? Time() : null,
        GracePeriod = Time(),
        ExitZeroAfterStop = Member<ExitZeroAfterStop>(),
        Replacement = Member<Replacement>(),
        Pool = Coin() ? "default" : Text(),
        PoolSlots = _random.Next(1, 3),
        Priority = _random.Next(-2, 3),
        WeightRule = Member<WeightRule>(),
        MaxActive = Coin() ? _random.Next(9) : null,
        WorkingDir = Maybe(Text),
        Env = Named(Text),
        Connections = Many(Text),
        Inputs = Named(() => new InputRef(new TaskId("t0"), "a/b.csv")),
        Outputs = Coin() ? Many(Text) : null,
        CheckpointEvery = Coin() ? Time() : null,
        OnSuccess = Many(Callback),
        OnFailure = Many(Callback),
        OnRetry = Many(Callback),
        OnCancel = Many(Callback),
        Kubernetes = Maybe(() => new JsonObject { ["image"] = Text(), ["pod"] = Json(3) }),
    };

    private ScheduleSpec Schedule() => new()
    {
        Every = Coin() ? Time() : null,
        Cron = Maybe(Text),
        TimeZone = Coin() ? "UTC" : "Europe/Berlin",
        Once = Coin(),
        Start = Coin() ? DateTimeOffset.UnixEpoch.AddTicks(_random.NextInt64(1L << 58)) : null,
        End = Coin() ? DateTimeOffset.UnixEpoch.AddSeconds(_random.Next()) : null,
        Catchup = Coin(),
        Interval = Coin(),
    };

    private MapSpec Map()
    {
        MapSpec map = _random.Next(3) switch
        {
            0 => new ListMap(new JsonArray(Json(1), Json(2)), Maybe(Text)),
            1 => new ProductMap([KeyValuePair.Create("z", (JsonNode)"{{ params.x }}"), KeyValuePair.Create("a", (JsonNode)new JsonArray(1))]),
            _ => new ZipMap([KeyValuePair.Create("b", (JsonNode)new JsonArray(1, 2))]),
        };
        return map with { MaxLength = Coin() ? 1024 : _random.Next(1, 100) };
    }

    private FailureRule Rule() => new() { ExitCodes = Many(() => _random.Next(1, 9)), Reasons = Many(Member<AttemptCause>), Errors = Many(Text) };

    private CallbackSpec Callback() => Coin() ? new() { Webhook = Text() } : new() { Command = ["x", Text()] };

    private JsonNode? Json(int depth) => _random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => Coin(),
        2 => _random.Next(-5, 5),
        3 => Math.Round(_random.NextDouble() * 10, 3),
        4 => Text(),
        5 => new JsonArray(Json(depth - 1), Json(depth - 1)),
        _ => new JsonObject { ["z"] = Json(depth - 1), ["a"] = Json(depth - 1) },
    };

    private string[] Shell() => Coin() ? [.. ScriptAction.DefaultShell] : ["python3"];

    private string Text() => "x" + new[] { "", "ä", "\"q\"", "a\nb", "<&>", "日本", "\\", "{{ ds }}" }[_random.Next(8)];

    private TimeSpan Time() => TimeSpan.FromMilliseconds(_random.NextInt64(1, 1L << 40));

    private bool Coin() => _random.Next(2) == 0;

    private T? Maybe<T>(Func<T> make) where T : class => Coin() ? make() : null;

    private T[] Many<T>(Func<T> make) => [.. Enumerable.Range(0, _random.Next(3)).Select(_ => make())];

    private Dictionary<string, T> Named<T>(Func<T> make) => Enumerable.Range(0, _random.Next(3)).Reverse().ToDictionary(i => $"n{i}", _ => make());

    private T Member<T>() where T : struct, Enum => Enum.GetValues<T>()[_random.Next(Enum.GetValues<T>().Length)];
}
