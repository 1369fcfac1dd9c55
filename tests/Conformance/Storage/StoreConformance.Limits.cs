using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Limits;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Tests.Conformance.Storage;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Deltas_OfABatch_AreSummed_AndWhatExceedsALimitIsDropped()
    {
        await Store.CommitAsync([.. Rows.NewRun(), new SetLimit("global", 3), new SetLimit("run/manual-1", 9)]);

        var outcomes = await Store.ExecuteAsync(
            Taking(Rows.Extract, ("global", 1), ("global", 1), ("run/manual-1", 1)),
            Taking(Rows.Load, ("run/manual-1", 1), ("global", 2)),
            Taking(null, ("global", 1), ("unset", 1)));

        outcomes.Select(outcome => outcome.Status).ShouldBe([StepStatus.Committed, StepStatus.LimitExceeded, StepStatus.Committed]);
        outcomes[1].Limit.ShouldBe(new LimitCounter("global", 3, 2));
        (await LimitsAsync("global", "run/manual-1", "unset"))
            .ShouldBe([new LimitCounter("global", 3, 3), new LimitCounter("run/manual-1", 9, 1)]);
        (await Store.Reader.ReadTaskAsync(Rows.Load, None))!.Version.ShouldBe(1);

        (await Store.ExecuteAsync(Taking(null, ("global", -1)), Taking(Rows.Load, ("global", 1))))
            .ShouldAllBe(outcome => outcome.Status == StepStatus.Committed);
        (await LimitsAsync("global")).ShouldBe([new LimitCounter("global", 3, 3)]);
    }

    [Fact]
    public async Task ALimitBelowWhatIsUsed_LetsGiveBack_AndTakeNoMore()
    {
        await Store.CommitAsync(new SetLimit("global", 2));
        (await Store.ExecuteAsync(Taking(null, ("global", 2)))).ShouldHaveSingleItem().ShouldBe(StepOutcome.Committed);
        await Store.CommitAsync(new SetLimit("global", 1));
        (await Store.ExecuteAsync(Taking(null, ("global", 1)))).ShouldHaveSingleItem().Limit.ShouldBe(new LimitCounter("global", 1, 2));
        (await Store.ExecuteAsync(Taking(null, ("global", -2)))).ShouldHaveSingleItem().ShouldBe(StepOutcome.Committed);
        (await LimitsAsync("global")).ShouldBe([new LimitCounter("global", 1, 0)]);
    }

    [Fact]
    public async Task ALimit_KeepsWhatIsUsed_WhenItsSlotsChange()
    {
        await Store.CommitAsync(new SetLimit("global", 5));
        await Store.ExecuteAsync(Taking(null, ("global", 4)));
        await Store.CommitAsync(new SetLimit("global", 2));
        (await LimitsAsync("global")).ShouldBe([new LimitCounter("global", 2, 4)]);
        await Store.CommitAsync(new SetLimit("global", null));
        (await LimitsAsync("global")).ShouldBeEmpty();
    }

    [Fact]
    public async Task APool_SetsItsLimit()
    {
        await Store.CommitAsync(new PutPool(new Pool("gpu", 2), 0));
        await Store.ExecuteAsync(Taking(null, ("pool/gpu", 2)));
        await Store.CommitAsync(new PutPool(new Pool("gpu", 1), 1));
        (await LimitsAsync("pool/gpu")).ShouldBe([new LimitCounter("pool/gpu", 1, 2)]);
    }

    [Fact]
    public async Task ANewLimit_CountsWhatTheRowsHold_ThoseOfItsOwnBatchToo()
    {
        await Store.CommitAsync(Rows.NewRun());
        await Store.CommitAsync(
            new PutRun(Rows.RunRow(Rows.Run) with { State = RunState.Running }, 1),
            new PutTask(Rows.TaskRow(Rows.Extract) with { State = TaskState.Running, Pool = "gpu", PoolSlots = 3 }, 1));

        await Store.CommitAsync(
            new PutTask(Rows.TaskRow(Rows.Load) with { State = TaskState.Queued, Pool = "gpu", PoolSlots = 2 }, 1),
            new PutPool(new Pool("gpu", 9), 0), new SetLimit(LimitKeys.Global, 9), new SetLimit(LimitKeys.Dag(Rows.Dag), 9),
            new SetLimit(LimitKeys.Run(Rows.Run), 9), new SetLimit(LimitKeys.Task(Rows.Dag, Rows.Load.Task), 9), new SetLimit("other/x", 9));

        (await LimitsAsync("pool/gpu", "global", "dag/etl", "run/manual-1", "task/etl/load", "other/x")).ShouldBe(
        [
            new("dag/etl", 9, 1), new("global", 9, 2), new("other/x", 9, 0), new("pool/gpu", 9, 5), new("run/manual-1", 9, 2),
            new("task/etl/load", 9, 1),
        ]);
        (await Store.Reader.ReadLimitDriftAsync(None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Drift_IsSeen()
    {
        await Store.CommitAsync([.. Rows.NewRun(), new SetLimit(LimitKeys.Global, 9)]);
        await Store.CommitAsync(new PutTask(Rows.TaskRow(Rows.Load) with { State = TaskState.Queued, PoolSlots = 2 }, 1));
        (await Store.Reader.ReadLimitDriftAsync(None)).ShouldBe(
            [(new LimitCounter("global", 9, 0), 1), (new LimitCounter("pool/default", 128, 0), 2)]);
    }

    private static Step Taking(TaskKey? task, params (string Key, int Amount)[] limits) => new()
    {
        Anchor = RowKey.OfPool("x"),
        Writes = task is { } key ? [new PutTask(Rows.TaskRow(key), 1)] : [],
        Limits = [.. limits.Select(limit => new LimitDelta(limit.Key, limit.Amount))],
    };

    private Task<IReadOnlyList<LimitCounter>> LimitsAsync(params string[] keys) => Store.Reader.ReadLimitsAsync(keys, None);
}
