using Npgsql;
using NpgsqlTypes;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.Postgres.Connections;

namespace OrleansFlow.Storage.Postgres.Batches;

/// <summary>
/// Executes batches in PostgreSQL: one transaction of two round trips each. The first checks the fence, locks, and reads versions and
/// limits; then <see cref="BatchPlan"/> decides; the second writes and commits. One batch at a time.
/// </summary>
/// <param name="connections">The host's connections.</param>
/// <param name="hostEpoch">The epoch under which the host was registered (<c>HostFence.Epoch</c>).</param>
public sealed class PostgresBatchExecutor(PostgresConnections connections, long hostEpoch) : IBatchExecutor
{
    /// <inheritdoc/>
    /// <remarks>The token is observed until the first statement is sent, and not afterwards: a batch under way is finished.</remarks>
    public async Task<IReadOnlyList<StepOutcome>> ExecuteAsync(IReadOnlyList<Step> batch, CancellationToken cancellation)
    {
        var committing = false;
        try
        {
            await using var connection = await connections.Writer.OpenConnectionAsync(cancellation);
            cancellation.ThrowIfCancellationRequested();
            var plan = await LockAndDecideAsync(connection, batch);
            await using var writes = Writes(connection, plan);
            committing = true;
            await writes.ExecuteNonQueryAsync(CancellationToken.None);
            return plan.Outcomes;
        }
        catch (Exception failure) when (Failures.Translate(failure, committing) is { } known)
        {
            throw known;
        }
    }

    private async Task<BatchPlan> LockAndDecideAsync(NpgsqlConnection connection, IReadOnlyList<Step> batch)
    {
        var rows = BatchPlan.RowsToLock(batch);
        if (rows.Count != batch.SelectMany(step => step.Writes).OfType<PutRow>().Count(put => put.Expected > 0))
            throw new InvalidOperationException("a batch puts the same row twice");
        var versions = new Dictionary<RowKey, long>(rows.Count);
        var limits = new Dictionary<string, LimitCounter>(StringComparer.Ordinal);

        await using var locks = new NpgsqlBatch(connection);
        var readers = new List<Action<NpgsqlDataReader>>();
        void Lock<T>(string name, Column<T>[] columns, IReadOnlyList<T> keys, Action<NpgsqlDataReader> read)
        {
            if (locks.Add(name, columns, keys)) readers.Add(read);
        }

        locks.Add("BEGIN");
        locks.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Of("CheckFence"))
        {
            Parameters = { new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = connections.HostId } },
        });
        Lock("LockDags", Columns.Key, Ids(rows, RowKind.Dag), r => versions.Add(new RowKey(RowKind.Dag, r.GetString(0)), r.GetInt64(1)));
        Lock("LockRuns", Columns.Key, Ids(rows, RowKind.Run), r => versions.Add(new RowKey(RowKind.Run, r.GetString(0)), r.GetInt64(1)));
        Lock(
            "LockTasks", Columns.Task, [.. rows.Where(row => row.Kind == RowKind.Task).Select(row => row.AsTask())],
            r => versions.Add(new RowKey(RowKind.Task, r.GetString(0), r.GetString(1), r.GetInt32(2)), r.GetInt64(3)));
        Lock("LockPools", Columns.Key, Ids(rows, RowKind.Pool), r => versions.Add(new RowKey(RowKind.Pool, r.GetString(0)), r.GetInt64(1)));
        Lock(
            "LockLimits", Columns.Key, BatchPlan.LimitsToLock(batch),
            r => limits.Add(r.GetString(0), new LimitCounter(r.GetString(0), r.GetInt32(1), r.GetInt32(2))));

        await using var reader = await locks.ExecuteReaderAsync(CancellationToken.None);
        await CheckFenceAsync(reader);
        foreach (var read in readers)
        {
            await reader.NextResultAsync(CancellationToken.None);
            while (await reader.ReadAsync(CancellationToken.None)) read(reader);
        }

        return BatchPlan.Decide(batch, versions, limits);
    }

    private async Task CheckFenceAsync(NpgsqlDataReader reader)
    {
        if (!await reader.ReadAsync(CancellationToken.None) || reader.GetInt64(0) != hostEpoch)
            throw new StoreException(
                StoreFailure.Fenced, $"Host {connections.HostId} is no longer in charge: another host has taken over. Stop this one.");
    }

    private static string[] Ids(IReadOnlyList<RowKey> rows, RowKind kind) => [.. rows.Where(row => row.Kind == kind).Select(row => row.Id)];

    /// <summary>The order serves the foreign keys: acknowledgements and drops concern what was there before, then parents, then children.</summary>
    private static NpgsqlBatch Writes(NpgsqlConnection connection, BatchPlan plan)
    {
        var writes = new GroupedWrites(plan.Accepted);
        var batch = new NpgsqlBatch(connection);
        batch.Add("DropXcoms", Columns.Task, writes.Drops);
        batch.Add("DropArtifacts", Columns.Task, writes.Drops);
        batch.Add("DropCheckpoints", Columns.Task, writes.Drops);
        batch.Add("AcknowledgeTasks", Columns.AcknowledgeTask, writes.AcknowledgedTasks);
        batch.Add("AcknowledgeRuns", Columns.AcknowledgeRun, writes.AcknowledgedRuns);
        batch.Add("InsertDags", Columns.Dag, writes.Dags.Inserts);
        batch.Add("UpdateDags", Columns.Dag, writes.Dags.Updates);
        batch.Add("AddVersions", Columns.Version, writes.Versions);
        batch.Add("InsertPools", Columns.Pool, writes.Pools.Inserts);
        batch.Add("UpdatePools", Columns.Pool, writes.Pools.Updates);
        batch.Add("InsertRuns", Columns.Run, writes.Runs.Inserts);
        batch.Add("UpdateRuns", Columns.Run, writes.Runs.Updates);
        batch.Add("InsertTasks", Columns.TaskRow, writes.Tasks.Inserts);
        batch.Add("UpdateTasks", Columns.TaskRow, writes.Tasks.Updates);
        batch.Add("PutAttempts", Columns.Attempt, writes.Attempts);
        batch.Add("PutXcoms", Columns.Xcom, writes.Xcoms);
        batch.Add("PutArtifacts", Columns.Artifact, writes.Artifacts);
        batch.Add("PutCheckpoints", Columns.Checkpoint, writes.Checkpoints);
        batch.Add("ChangeLimits", Columns.Limit, [.. plan.LimitChanges]);
        batch.Add("SetLimits", Columns.Limit, writes.SetLimits);
        batch.Add("RemoveLimits", Columns.Key, writes.RemovedLimits);
        batch.Add("AddRequests", Columns.Request, writes.Requests);
        batch.Add("AddOutbox", Columns.Outbox, writes.Outbox);
        batch.Add("AddHistory", Columns.History, writes.History);
        batch.Add("COMMIT");
        return batch;
    }
}
