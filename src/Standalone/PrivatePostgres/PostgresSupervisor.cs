using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>Looks after a running server: restarts it when its postmaster has ended, and keeps its log bounded.</summary>
internal sealed class PostgresSupervisor(
    DataFolder folder, Postmaster postmaster, PostgresOptions options, Action<ServerState, string> report)
{
    private static readonly TimeSpan s_boundLogEvery = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled; never throws.</summary>
    public async Task RunAsync(int pid, CancellationToken cancellationToken)
    {
        try
        {
            var failures = 0;
            while (true)
            {
                var up = options.Time.GetTimestamp();
                await WaitForEndAsync(pid, cancellationToken);
                // One that lived for a while is restarted at once; one that dies young, ever more slowly.
                failures = options.Time.GetElapsedTime(up) > options.LongestBackoff ? 0 : failures + 1;
                report(ServerState.Lost, $"PostgreSQL (process {pid}) has ended unexpectedly: restarting it; what was committed is safe");
                pid = await RestartAsync(failures, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host is ending.
        }
    }

    private async Task WaitForEndAsync(int pid, CancellationToken cancellationToken)
    {
        var bounded = options.Time.GetTimestamp();
        while (PostmasterProcess.IsAlive(pid, folder.Postgres))
        {
            await Task.Delay(options.WatchEvery, options.Time, cancellationToken);
            if (options.Time.GetElapsedTime(bounded) < s_boundLogEvery) continue;
            bounded = options.Time.GetTimestamp();
            BoundLog();
        }
    }

    private async Task<int> RestartAsync(int failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Backoff(failures, options), options.Time, cancellationToken);
            try
            {
                return await postmaster.EnsureRunningAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failures++;
                var advice = e is HostStartException start ? " " + start.WhatToDo : "";
                report(ServerState.Lost, $"{e.Message}{advice} Trying again in {Backoff(failures, options).TotalSeconds:0.#} s.");
            }
        }
    }

    /// <summary>The wait before a restart: none for the first in a row, then doubling.</summary>
    internal static TimeSpan Backoff(int failures, PostgresOptions options) => failures <= 1
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(options.LongestBackoff.Ticks, options.FirstBackoff.Ticks << Math.Min(failures - 2, 20)));

    private void BoundLog()
    {
        try
        {
            postmaster.Log.Bound();
        }
        catch (IOException)
        {
            // A full disk: the next round tries again.
        }
    }
}
