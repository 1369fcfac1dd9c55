using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>A backend under test, and what it was given to work with.</summary>
public abstract class BackendHarness : IAsyncDisposable
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);
    private readonly List<AttemptStatus> _seen = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();

    public abstract IExecutionBackend Backend { get; }

    public abstract IArtifactStore Artifacts { get; }

    public abstract ILogStore Logs { get; }

    /// <summary>The connections that are defined.</summary>
    public abstract Dictionary<string, string> Connections { get; }

    /// <summary>Makes the backend hold what is launched from now on; null: lets it go.</summary>
    public abstract void HoldLaunches(string? why);

    /// <summary>A value that stands in variables of the host's environment, and in nothing that was given to a task.</summary>
    public const string HostSecret = "secret-of-the-host";

    public static readonly DagId Dag = new("credit");

    /// <summary>A plan that runs a line of shell.</summary>
    public static AttemptPlan Shell(string line, int epoch = 1, string task = "train") => Command(["sh", "-c", line], epoch, task);

    public static AttemptPlan Command(IReadOnlyList<string> command, int epoch = 1, string task = "train") => new()
    {
        Key = new AttemptKey(new TaskKey(new RunId("manual-1"), new TaskId(task)), epoch),
        Uid = Guid.NewGuid(),
        Dag = Dag,
        Command = command,
        LogicalDate = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero),
        DataIntervalStart = new DateTimeOffset(2023, 12, 31, 0, 0, 0, TimeSpan.Zero),
        DataIntervalEnd = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Params = """{"bucket":"ml"}""",
        GracePeriod = TimeSpan.FromSeconds(30),
    };

    /// <summary>Launches a plan and waits for its end.</summary>
    public async Task<ExitReport> RunAsync(AttemptPlan plan)
    {
        await Backend.LaunchAsync(plan, CancellationToken.None);
        return (await SeeAsync<AttemptExited>(plan)).Exit;
    }

    /// <summary>Runs a line of shell to its end, which has to be a good one.</summary>
    public async Task<StagedOutputs> SucceedAsync(AttemptPlan plan)
    {
        var exit = await RunAsync(plan);
        exit.OutputProblem.ShouldBeNull();
        exit.ExitCode.ShouldBe(0, LogOf(plan));
        return exit.Outputs.ShouldNotBeNull();
    }

    /// <summary>Runs a plan that exits 0 and leaves what cannot be committed; returns what the user is told.</summary>
    public async Task<string> ProblemOfAsync(AttemptPlan plan)
    {
        var exit = await RunAsync(plan);
        exit.ExitCode.ShouldBe(0, LogOf(plan));
        exit.Outputs.ShouldBeNull();
        LogOf(plan).ShouldContain(exit.OutputProblem.ShouldNotBeNull());
        return exit.OutputProblem;
    }

    /// <summary>Waits for the first observation of a kind.</summary>
    public async Task<T> SeeAsync<T>(AttemptPlan plan, Func<T, bool>? where = null) where T : AttemptStatus
    {
        using var late = new CancellationTokenSource(Ceiling);
        while (true)
        {
            Task news;
            lock (_seen)
            {
                if (_seen.OfType<T>().FirstOrDefault(status => status.Uid == plan.Uid && (where?.Invoke(status) ?? true)) is { } found) return found;
                news = _news.Task;
            }

            try
            {
                await news.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                lock (_seen)
                    throw new TimeoutException($"no {typeof(T).Name} of {plan.Key}; seen: {string.Join("; ", _seen)}\n{LogOf(plan)}");
            }
        }
    }

    /// <summary>Waits until a text stands in the attempt's log, and returns the log.</summary>
    public async Task<string> SeeLogAsync(AttemptPlan plan, string text)
    {
        using var late = new CancellationTokenSource(Ceiling);
        var never = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, late.Token);
        var log = new MemoryStream();
        try
        {
            await foreach (var piece in Logs.FollowAsync(Dag, plan.Key, 0, never, late.Token))
            {
                log.Write(piece.Bytes.Span);
                var now = System.Text.Encoding.UTF8.GetString(log.ToArray());
                if (now.Contains(text, StringComparison.Ordinal)) return now;
            }
        }
        catch (OperationCanceledException)
        {
            // said below
        }

        throw new TimeoutException($"'{text}' is not in the log of {plan.Key}:\n{LogOf(plan)}");
    }

    /// <summary>The whole log of an attempt.</summary>
    public string LogOf(AttemptPlan plan) =>
        File.Exists(Logs.Locate(Dag, plan.Key)) ? File.ReadAllText(Logs.Locate(Dag, plan.Key)) : "";

    /// <summary>What the task printed, without stamps.</summary>
    public string[] Printed(AttemptPlan plan, string source = "out") =>
        [.. LogOf(plan).Split('\n').Where(line => line.Contains($" {source} ", StringComparison.Ordinal)).Select(line => line.Split($" {source} ", 2)[1])];

    public async Task<string> ReadAsync(StagedFile file)
    {
        using var reader = new StreamReader(await Artifacts.OpenAsync(file.Uri, CancellationToken.None));
        return await reader.ReadToEndAsync();
    }

    protected void Observe() => _ = Task.Run(async () =>
    {
        await foreach (var status in Backend.ObserveAsync(_end.Token))
        {
            lock (_seen)
            {
                _seen.Add(status);
                _news.SetResult();
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    });

    public virtual async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        GC.SuppressFinalize(this);
    }
}
