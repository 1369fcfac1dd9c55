using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Client;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Bench.Cluster;

/// <summary>Silos of one database, and a run with a sleeping task for each of a few seats. Not thread-safe.</summary>
internal sealed class SiloGroup : IAsyncDisposable
{
    private const int Size = 3;

    /// <summary>So many that each silo has some of them.</summary>
    private const int Runs = 12;

    private readonly string _program;
    private readonly string _folder;
    private readonly string _database;
    private readonly CommittedRows _rows;
    private readonly List<FlowDev> _silos = [];
    private int _started;

    private SiloGroup(string program, string folder, string database)
    {
        (_program, _folder, _database) = (program, folder, database);
        _rows = new CommittedRows(database);
    }

    /// <summary>A client of one of them.</summary>
    public FlowClient Client => _silos[^1].Client;

    /// <summary>The silos that are up.</summary>
    public IReadOnlyList<FlowDev> Silos => _silos;

    /// <summary>Starts three.</summary>
    public static async Task<SiloGroup> StartAsync(string program, string folder, string database, CancellationToken cancellation)
    {
        var group = new SiloGroup(program, folder, database);
        try
        {
            await group.FillAsync(cancellation);
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends the oldest silos, the leader among them, a signal while tasks run at all of them, and times until every task that ran there
    /// runs again. Afterwards there are three again.
    /// </summary>
    /// <param name="signal">The signal.</param>
    /// <param name="victims">How many get it; if all do, one is started then, and its start begins the time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Until the tasks ran again, and until the processes of the victims had ended.</returns>
    public async Task<(TimeSpan Runs, TimeSpan Ended)> LoseAsync(int signal, int victims, CancellationToken cancellation)
    {
        var runs = await BeginAsync(cancellation);
        var lost = _silos.Take(victims).ToList();
        var there = await RunsAtAsync(lost, cancellation);
        var clock = Stopwatch.StartNew();
        foreach (var silo in lost) silo.Process.Signal(signal);
        _silos.RemoveRange(0, victims);
        if (_silos.Count == 0)
        {
            clock.Restart();
            await AddAsync(cancellation);
        }

        var ended = signal == Signals.Stop ? Task.FromResult(TimeSpan.Zero) : EndedAsync(lost, clock, cancellation);
        await _rows.UntilAsync(
            "SELECT count(DISTINCT run_id) = $2 FROM task_attempt WHERE run_id = ANY ($1) AND epoch > 1 AND state = 'running'", [there, (long)there.Length], cancellation);
        var took = (clock.Elapsed, await ended);
        foreach (var run in runs) await Client.CancelAsync(new RunId(run), cancellation: cancellation);
        foreach (var run in runs) await Client.WaitAsync(new RunId(run), cancellation);
        foreach (var silo in lost)
        {
            if (signal == Signals.Stop) silo.Process.Signal(Signals.Continue);
            await silo.DisposeAsync();
        }

        await FillAsync(cancellation);
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
        await _rows.DisposeAsync();
    }

    private static async Task<TimeSpan> EndedAsync(List<FlowDev> silos, Stopwatch clock, CancellationToken cancellation)
    {
        foreach (var silo in silos) await silo.Process.EndAsync(cancellation);
        return clock.Elapsed;
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        while (_silos.Count < Size) await AddAsync(cancellation);
    }

    private async Task AddAsync(CancellationToken cancellation) => _silos.Add(await FlowDev.SiloAsync(
        _program, Path.Combine(_folder, $"silo-{_started++}"), _database, Path.Combine(_folder, "shared"), FreePort(), cancellation));

    private async Task<string[]> BeginAsync(CancellationToken cancellation)
    {
        var dag = OrleansFlow.Client.Dags.Dag.Create("cluster").Task("sleep", task => task.Command("sleep", "1000")).Build();
        var runs = new List<string>();
        for (var i = 0; i < Runs; i++)
            runs.Add(ResourceNames.Run((await _silos[i % _silos.Count].Client.TriggerAsync(dag, cancellation: cancellation)).Name).Value);
        await _rows.UntilAsync(
            "SELECT count(*) = $2 FROM task_attempt WHERE run_id = ANY ($1) AND state = 'running'", [runs.ToArray(), (long)Runs], cancellation);
        return [.. runs];
    }

    // The uid of an attempt ends with the epoch of the seat of its silo.
    private async Task<string[]> RunsAtAsync(List<FlowDev> silos, CancellationToken cancellation)
    {
        var pids = silos.Select(silo => silo.Process.Pid.ToString(CultureInfo.InvariantCulture)).ToArray();
        var runs = await _rows.ListAsync<string>(
            """
            SELECT run_id FROM task_attempt WHERE state = 'running' AND right(uid::text, 12) IN (
              SELECT lpad(to_hex(epoch), 12, '0') FROM host WHERE split_part(host_id, '-', 2) = ANY ($1))
            """,
            [pids], cancellation);
        return runs.Count > 0 ? [.. runs] : throw new BenchException("no task ran at the silos that were to be lost");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
