using System.Diagnostics;
using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Processes;
using OrleansFlow.Client;
using OrleansFlow.Client.Dags;

namespace OrleansFlow.Bench.Failover;

/// <summary>What one takeover took.</summary>
/// <param name="Acts">From the signal until the other host had committed something of the run.</param>
/// <param name="Runs">From the signal until the task ran again.</param>
internal sealed record TimedTakeover(TimeSpan Acts, TimeSpan Runs);

/// <summary>Two servers that take turns. Not thread-safe.</summary>
internal sealed class ReplicaPair : IAsyncDisposable
{
    /// <summary>The time of a host between two renewals: signals come at any point of it.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    private readonly string _program;
    private readonly string _folder;
    private readonly string _postgres;
    private readonly CommittedRows _rows;
    private FlowDev? _active;
    private FlowDev? _standby;
    private int _started;

    private ReplicaPair(string program, string folder, string postgres)
    {
        (_program, _folder, _postgres) = (program, folder, postgres);
        _rows = new CommittedRows(postgres);
    }

    /// <summary>Starts both.</summary>
    public static async Task<ReplicaPair> StartAsync(string program, string folder, string postgres, CancellationToken cancellation)
    {
        var pair = new ReplicaPair(program, folder, postgres);
        try
        {
            pair._active = await pair.StartOneAsync(cancellation);
            await pair.IsAsync(pair._active, "active", cancellation);
            pair._standby = await pair.StartOneAsync(cancellation);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends the host in charge a signal while a task runs, and times the other one. Afterwards there are two again.</summary>
    public async Task<TimedTakeover> TakeOverAsync(int signal, CancellationToken cancellation)
    {
        var (before, next) = (_active!, _standby!);
        await IsAsync(next, "standby", cancellation);
        var dag = OrleansFlow.Client.Dags.Dag.Create("failover").Task("sleep", task => task.Command("sleep", "1000"));
        var name = (await next.Client.TriggerAsync(dag.Build(), cancellation: cancellation)).Name;
        var run = ResourceNames.Run(name);
        await _rows.UntilAsync("SELECT EXISTS (SELECT FROM task_attempt WHERE run_id = $1 AND state = 'running')", [run.Value], cancellation);
        await Task.Delay(Random.Shared.NextDouble() * Renewal, TimeProvider.System, cancellation);
        var last = (await _rows.ListAsync<long>("SELECT max(sequence) FROM task_event WHERE run_id = $1", [run.Value], cancellation)).Single();

        var clock = Stopwatch.StartNew();
        before.Process.Signal(signal);
        await _rows.UntilAsync("SELECT EXISTS (SELECT FROM task_event WHERE run_id = $1 AND sequence > $2)", [run.Value, last], cancellation);
        var acts = clock.Elapsed;
        await _rows.UntilAsync("SELECT EXISTS (SELECT FROM task_attempt WHERE run_id = $1 AND epoch > 1 AND state = 'running')", [run.Value], cancellation);
        var took = new TimedTakeover(acts, clock.Elapsed);

        await next.Client.CancelAsync(run, cancellation: cancellation);
        await next.Client.WaitAsync(run, cancellation);
        _active = next;
        if (signal == Signals.Stop)
        {
            before.Process.Signal(Signals.Continue);
            _standby = before;
            return took;
        }

        await before.DisposeAsync();
        _standby = await StartOneAsync(cancellation);
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        if (_standby is not null) await _standby.DisposeAsync();
        if (_active is not null) await _active.DisposeAsync();
        await _rows.DisposeAsync();
    }

    private Task<FlowDev> StartOneAsync(CancellationToken cancellation) =>
        FlowDev.StandByAsync(_program, Path.Combine(_folder, $"host-{_started++}"), _postgres, cancellation);

    private Task IsAsync(FlowDev host, string state, CancellationToken cancellation) => _rows.UntilAsync(
        "SELECT EXISTS (SELECT FROM replica WHERE split_part(host_id, '-', 2) = $1 AND state = $2 AND until > clock_timestamp())",
        [$"{host.Process.Pid}", state], cancellation);
}
