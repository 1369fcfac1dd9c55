using System.Text;
using OrleansFlow.DagFiles;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Tests.Conformance.Behaviour;

/// <summary>One DAG on a host, with what a test does to it and sees of it.</summary>
internal sealed class Scene
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromMinutes(2);
    private readonly SchedulingHost _host;
    private int _runs;

    private Scene(SchedulingHost host, DagId dag)
    {
        _host = host;
        Dag = dag;
    }

    public DagId Dag { get; }

    public ScriptedBackend Backend => _host.Backend;

    public IDag DagPeer => _host.Peers.Dag(Dag);

    /// <summary>Applies a DAG, whose file is given without its first line.</summary>
    public static async Task<Scene> ApplyAsync(SchedulingHost host, string name, string yaml)
    {
        var dag = $"{name}-{Guid.NewGuid().ToString("N")[..6]}";
        var parsed = DagFile.Parse(Encoding.UTF8.GetBytes($"dag: {dag}\n{yaml}"), "dag.yaml");
        var spec = parsed.Spec ?? throw new InvalidOperationException(string.Join('\n', parsed.Problems));
        var json = CanonicalJson.Write(spec);
        var scene = new Scene(host, new DagId(dag));
        var applied = await scene.DagPeer.ApplyAsync(new ApplyDag(CanonicalJson.Hash(json), json, null), default);
        applied.Problem.ShouldBeNull();
        return scene;
    }

    public IDagRun RunPeer(RunId run) => _host.Peers.Run(run);

    public static TaskKey Task(RunId run, string task, int map = TaskKey.NotMapped) => new(run, new TaskId(task), map);

    public async Task<RunId> TriggerAsync(string? request = null)
    {
        // Dates apart, so that runs have an order.
        var date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(_runs++);
        var id = new RunId($"manual-{Dag}-{_runs}");
        var reply = await DagPeer.TriggerAsync(new TriggerRun { Run = id, LogicalDate = date, By = Origin.Unknown with { RequestId = request } }, default);
        reply.Problem.ShouldBeNull();
        return reply.Run!.Value;
    }

    /// <summary>Waits until a run is as it should be.</summary>
    public async Task<RunDetail> UntilAsync(RunId run, Func<RunDetail, bool> isSo)
    {
        var deadline = _host.Time.GetUtcNow() + Ceiling;
        while (true)
        {
            var detail = await _host.Queries.GetRunAsync(run, default);
            if (detail is not null && isSo(detail)) return detail;
            if (_host.Time.GetUtcNow() > deadline)
                throw new TimeoutException($"{run} stays {detail?.Run.State} ({detail?.Run.Detail}): {(detail is null ? "" : States(detail))}\n{string.Join('\n', _host.Defects)}");
            await System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(10), _host.Time);
        }
    }

    public Task<RunDetail> EndAsync(RunId run) => UntilAsync(run, detail => detail.Run.State.IsFinished());

    public Task<RunDetail> UntilRunningAsync(RunId run, string task) =>
        UntilAsync(run, detail => detail.Tasks.Any(row => row.Key.Task.Value == task && row.State == TaskState.Running));

    /// <summary><c>a=success b[0]=skipped</c>: all task instances in key order, in the words that people see.</summary>
    public static string States(RunDetail run) => string.Join(' ', run.Tasks.Select(task => $"{task.Key.Label}={Names.Of(task.State)}"));

    /// <summary>The tasks of a run in the order in which their attempts were launched.</summary>
    public string Launched(RunId run) => string.Join(' ', Backend.Launched.Where(attempt => attempt.Task.Run == run).Select(attempt => attempt.Task.Label));
}
