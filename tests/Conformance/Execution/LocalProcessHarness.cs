using System.Threading.Channels;
using OrleansFlow.Artifacts.LocalFolder.Logs;
using OrleansFlow.Artifacts.LocalFolder.Store;
using OrleansFlow.Execution.LocalProcess;
using OrleansFlow.Execution.LocalProcess.Attempts;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Logs;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>Local processes on a temporary folder.</summary>
public sealed class LocalProcessHarness : BackendHarness
{
    private readonly LocalLogStore _logs;
    private readonly LocalFolderStore _store;
    private readonly Channel<string> _notices = Channel.CreateUnbounded<string>();
    private volatile string? _hold;

    /// <param name="log">Rules for logs; null: ones of its own.</param>
    /// <param name="folder">Where it works; null: in a temporary folder.</param>
    /// <param name="endpoints">Where programs reach their desk; null: nowhere.</param>
    /// <param name="progress">Takes how far attempts say they are; null: nobody.</param>
    public LocalProcessHarness(
        TaskLogOptions? log = null, string? folder = null, IAttemptEndpoints? endpoints = null, Action<AttemptKey, TaskProgress?>? progress = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("flow-execution-").FullName;
        _logs = new LocalLogStore(Path.Combine(Folder, "logs"), TimeProvider.System);
        _store = new LocalFolderStore(Path.Combine(Folder, "artifacts"), _logs, TimeProvider.System);
        Local = new LocalProcessBackend(
            new LocalProcessOptions
            {
                Attempts = Attempts,
                ShutdownGrace = TimeSpan.Zero,
                LeftoverGrace = TimeSpan.FromMilliseconds(200),
                CheckpointEvery = TimeSpan.FromMilliseconds(100),
                Node = "here",
                HostEnvironment = HostEnvironment,
                Hold = () => _hold,
                RoomEvery = TimeSpan.FromMilliseconds(50),
                Endpoints = endpoints,
                Progress = progress ?? ((_, _) => { }),
                RecordPatience = TimeSpan.FromMilliseconds(300),
                Notice = notice => _notices.Writer.TryWrite(notice),
                Log = log ?? new TaskLogOptions { FlushAfter = TimeSpan.FromMilliseconds(100) },
            },
            _store, new FixedConnections(Connections), TimeProvider.System);
        Observe();
    }

    public string Folder { get; }

    /// <summary>The folder that attempts work in.</summary>
    public string Attempts => Path.Combine(Folder, "attempts");

    public LocalProcessBackend Local { get; }

    public LocalFolderStore Store => _store;

    public override IExecutionBackend Backend => Local;

    public override IArtifactStore Artifacts => _store;

    public override ILogStore Logs => _logs;

    public override Dictionary<string, string> Connections { get; } = [];

    public override void HoldLaunches(string? why) => _hold = why;

    /// <summary>The next thing that people are told.</summary>
    public async Task<string> NoticeAsync() => await _notices.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    public override async ValueTask DisposeAsync()
    {
        await Local.DisposeAsync();
        await base.DisposeAsync();
        // Attempts that no test released, with what tasks made in their folders: names and permissions that plain deletion trips over.
        if (Directory.Exists(Attempts)) new AttemptFolder(Attempts).Delete();
        Directory.Delete(Folder, recursive: true);
    }

    private static Dictionary<string, string> HostEnvironment() => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = "/tmp",
        ["LANG"] = "C.UTF-8",
        ["LC_TIME"] = "C",
        ["PGPASSWORD"] = HostSecret,
        ["AWS_SECRET_ACCESS_KEY"] = HostSecret,
        ["FLOW_CONN_CREDIT_DB"] = HostSecret,
        ["FLOW_CONN_OTHER"] = HostSecret,
    };

    private sealed class FixedConnections(Dictionary<string, string> values) : IConnections
    {
        public Task<string?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult(values.GetValueOrDefault(name));
    }
}
