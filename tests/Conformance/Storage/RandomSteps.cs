using System.Globalization;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>
/// Random batches from a seed over a small world, so that steps meet: mostly sound, sometimes of a stale version, beyond a limit, or
/// broken. It reads the versions it needs from the store.
/// </summary>
internal sealed class RandomSteps(int seed, IStateReader reader)
{
    private static readonly DagId[] s_dags = [new("etl"), new("Report")];
    private readonly Random _random = new(seed);
    private int _serial;

    public IReadOnlyList<TaskId> TaskIds { get; } = [new("a"), new("a.b"), new("B"), new("z_")];

    public IReadOnlyList<string> Pools { get; } = ["default", "gpu", "none"];

    public IReadOnlyList<string> RequestIds { get; } = ["r0", "r1", "r2", "r3", "r4", "r5"];

    public IReadOnlyList<string> LimitKeys { get; } =
    [
        "global", "pool/default", "pool/gpu", "dag/etl", "dag/Report", "task/etl/a", "task/Report/a.b", "run/run-0", "run/run-1", "other",
    ];

    /// <summary>Later than every instant that is generated.</summary>
    public DateTimeOffset Horizon { get; } = Rows.At(100_000);

    /// <summary>What the world begins with: both DAGs with some of their versions.</summary>
    public static RowWrite[] FirstWrites() =>
    [
        .. s_dags.SelectMany(dag => Enumerable.Range(0, 2).Select(n => new AddVersion(Rows.VersionRow(dag, $"{dag}-{n}")))),
        .. s_dags.Select(dag => new PutDag(Rows.DagRow(dag), 0)),
    ];

    /// <summary>A batch whose steps put different rows, as the committer composes them; at most one of them is broken.</summary>
    public async Task<Step[]> NextAsync()
    {
        var taken = new HashSet<RowKey>();
        var batch = new List<Step>();
        for (var count = _random.Next(1, 7); count > 0; count--)
        {
            var writes = new List<RowWrite>();
            for (var n = _random.Next(1, 4); n > 0; n--)
                foreach (var write in await WriteAsync())
                    if (write is not PutRow put || taken.Add(put.Key))
                        if (!writes.Concat(batch.SelectMany(step => step.Writes)).Any(other => Collide(other, write)))
                            writes.Add(write);
            batch.Add(new Step
            {
                Anchor = RowKey.Of(s_dags[0]),
                Writes = writes,
                Limits = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new LimitDelta(Pick(LimitKeys), _random.Next(2) * 4 - 2 + 1))],
            });
        }

        if (Chance(6)) batch.Insert(_random.Next(batch.Count + 1), Rows.Step(Broken()));
        return [.. batch];
    }

    // One row is put once in a batch, whatever its kind; two answers to one request would be a second fault beside the one injected.
    private static bool Collide(RowWrite a, RowWrite b) => (a, b) switch
    {
        (PutAttempt x, PutAttempt y) => x.Row.Key.Task == y.Row.Key.Task,
        (PutXcom x, PutXcom y) => x.Row.Task == y.Row.Task && x.Row.Key == y.Row.Key,
        (PutArtifact x, PutArtifact y) => x.Row.Task == y.Row.Task && x.Row.Name == y.Row.Name,
        (PutCheckpoint x, PutCheckpoint y) => x.Row.Task == y.Row.Task,
        (AddRequest, AddRequest) => true,
        (PutRun x, PutRun y) => x.Row.Kind != RunKind.Manual && y.Row.Kind != RunKind.Manual,
        _ => false,
    };

    private async Task<IReadOnlyList<RowWrite>> WriteAsync()
    {
        switch (_random.Next(13))
        {
            case 0: return await DagAsync();
            case 1 or 2: return await RunAsync();
            case 3 or 4 or 5: return [await TaskAsync()];
            case 6 or 7: return await AttemptAsync();
            case 8: return [Chance(2) ? new AcknowledgeTask(Task(), _random.Next(4)) : new AcknowledgeRun(Run(), 1 + _random.Next(3))];
            case 9: return [new SetLimit(Pick(LimitKeys), Chance(4) ? null : _random.Next(6))];
            case 10: return [new PutPool(new Pool("gpu", _random.Next(6), Text()), Expected((await reader.ReadPoolAsync("gpu", default))?.Version))];
            case 11: return [new AddHistory(Event() with { Detail = Text(), At = At(), Actor = Text(), Address = Text(), RequestId = Text() })];
            default:
                return Chance(3)
                    ? [new AddRequest(new RequestRecord(Pick(RequestIds), "pause etl", "{}", At()))]
                    : [new DropPublished(Task())];
        }
    }

    private async Task<IReadOnlyList<RowWrite>> DagAsync()
    {
        var dag = Pick(s_dags);
        var hash = $"{dag}-{_random.Next(3)}";
        var row = new DagHead
        {
            Id = dag, CurrentHash = hash, SourceFile = Text(), Paused = Chance(2), ActivatedAt = AtOrNull(), LastLogicalDate = AtOrNull(),
            WakeAt = AtOrNull(),
        };
        var expected = Expected((await reader.ReadDagAsync(dag, default))?.Version);
        return [new PutDag(row, expected), new AddVersion(Rows.VersionRow(dag, hash) with { CreatedAt = At() })];
    }

    private async Task<IReadOnlyList<RowWrite>> RunAsync()
    {
        var id = Run();
        var before = await reader.ReadRunAsync(id, default);
        var state = Pick(Enum.GetValues<RunState>());
        var row = (before ?? Rows.RunRow(id, Pick(Enum.GetValues<RunKind>()), _random.Next(3) * 3600) with
        {
            Dag = s_dags[0], VersionHash = $"etl-{(Chance(9) ? 2 : _random.Next(2))}", CreatedAt = At(),
        }) with
        {
            State = state, Detail = Text(), StartedAt = AtOrNull(), EndedAt = state.IsFinished() ? At() : null, WakeAt = AtOrNull(),
            Unreported = state.IsFinished() && Chance(2), CancelRequested = Chance(5), TimedOut = Chance(5), TasksCreated = _random.Next(5),
        };
        var put = new PutRun(row, Expected(before?.Version));
        return before is not null && Chance(3)
            ? [put, new AddOutbox(Rows.OutboxRow(++_serial, _random.Next(900)) with { Run = id, Failures = _random.Next(3), LastError = Text() })]
            : [put];
    }

    private async Task<RowWrite> TaskAsync()
    {
        var key = Task();
        var state = Pick(Enum.GetValues<TaskState>());
        var epoch = _random.Next(4);
        var row = new TaskInstance
        {
            Key = key, State = state, Reason = Pick(Enum.GetValues<TaskReason>()), Detail = Text(), Epoch = epoch,
            Fence = _random.Next(epoch + 2), RetriesUsed = _random.Next(4), InfraRetriesUsed = _random.Next(4), WakeAt = AtOrNull(),
            ScheduledAt = AtOrNull(), StartedAt = AtOrNull(), EndedAt = state.IsFinished() ? At() : null,
            Unreported = state.IsFinished() && Chance(2), Pool = Pick(Pools), PoolSlots = _random.Next(1, 4), Priority = _random.Next(3),
            MapItem = key.IsMapped && Chance(2) ? """{ "n":1 }""" : null,
        };
        return new PutTask(row, Expected((await reader.ReadTaskAsync(key, default))?.Version));
    }

    private async Task<IReadOnlyList<RowWrite>> AttemptAsync()
    {
        var key = Task();
        var epoch = _random.Next(1, 4);
        var state = Pick(Enum.GetValues<AttemptState>());
        var ended = state.IsFinished();
        var row = Rows.AttemptRow(key, epoch, state) with
        {
            Cause = ended && state != AttemptState.Succeeded && Chance(2) ? Pick(Enum.GetValues<AttemptCause>()) : null,
            ExitCode = ended ? _random.Next(-9, 3) : null, Stop = Chance(5) ? Pick(Enum.GetValues<StopReason>()) : null,
            CreatedAt = At(), StartedAt = AtOrNull(), EndedAt = ended ? At() : null, Backend = Text(), Node = Text(),
            Checkpoint = Chance(3) ? _random.Next(9) : null, Evidence = Chance(2) ? "[1,  2]" : null,
        };
        var writes = new List<RowWrite> { new PutAttempt(row) };
        if (Chance(2)) writes.Add(new PutXcom(new Xcom(key, Pick(["k", "K", "l"]), epoch, "\"v\"")));
        if (Chance(2)) writes.Add(new PutArtifact(Rows.ArtifactRow(key, Pick(["x.csv", "X.csv", "d/y"]), epoch)));
        if (Chance(3)) writes.Add(new PutCheckpoint(new Checkpoint(key, epoch, _random.Next(9), "file:///c")));
        return await reader.ReadTaskAsync(key, default) is null && !Chance(9) ? [] : writes;
    }

    private HistoryEvent Event()
    {
        var row = Rows.EventRow(Pick(["queued", "running", "done"]), Task());
        return Chance(4) ? row with { Dag = null, Pool = Pick(Pools) } : row;
    }

    private RowWrite Broken() => _random.Next(7) switch
    {
        0 => new AddOutbox(Rows.OutboxRow(++_serial, 1) with { Run = new RunId("nobody") }),
        1 => new PutAttempt(Rows.AttemptRow(new TaskKey(new RunId("nobody"), TaskIds[0]))),
        2 => new AddVersion(Rows.VersionRow(new DagId("nobody"), "x")),
        3 => new SetLimit("broken", -1),
        4 => new AddRequest(new RequestRecord("bad", "x", "{", At())),
        5 => new AddHistory(Rows.EventRow("queued") with { Pool = "gpu" }),
        _ => new AddHistory(Rows.EventRow("queued") with { Detail = "a\0b" }),
    };

    private long Expected(long? version) => Chance(12) ? _random.Next(1, 5) : version ?? 0;

    private RunId Run() => new(string.Create(CultureInfo.InvariantCulture, $"run-{_random.Next(5)}"));

    private TaskKey Task() => new(Run(), Pick(TaskIds), _random.Next(3) - 1);

    private DateTimeOffset At() => Rows.At(_random.Next(1000)).AddTicks(_random.Next(5) * 7);

    private DateTimeOffset? AtOrNull() => Chance(2) ? At() : null;

    private string? Text() => Pick([null, "", "plain", "é 'quoted' \"twice\" \\ {1,2} \n", "NULL"]);

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}
