using System.Text;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Client.Calls;
using OrleansFlow.Client.Downloads;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <content>Runs and their tasks.</content>
public sealed partial class FlowClient
{
    /// <summary>Makes a run of the current version of a DAG. Returns when it is durable.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="options">What the run is made with.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such DAG, or no version of it was applied.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<Run> TriggerAsync(DagId dag, TriggerOptions? options = null, CancellationToken cancellation = default) =>
        TriggerAsync(new TriggerRunRequest { Dag = ResourceNames.Of(dag) }, options, cancellation);

    /// <summary>Makes a run of a DAG that comes with the call and does not become current. Returns when it is durable.</summary>
    /// <param name="dag">A DAG that was built, or a file.</param>
    /// <param name="options">What the run is made with.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.InvalidDagException">The DAG has errors; all are listed.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<Run> TriggerAsync(DagInput dag, TriggerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dag);
        return TriggerAsync(new TriggerRunRequest { Source = dag.Source }, options, cancellation);
    }

    /// <summary>A run with its tasks, their attempts and what they published, as of one moment.</summary>
    /// <param name="run">Which.</param>
    /// <param name="fields">Only these fields, such as <c>state</c> and <c>end_time</c>; none: all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Errors.FlowNotFoundException">There is none.</exception>
    public Task<Run> GetRunAsync(RunId run, IReadOnlyList<string>? fields = null, CancellationToken cancellation = default)
    {
        var request = new GetRunRequest { Name = ResourceNames.Of(run) };
        if (fields is { Count: > 0 }) request.ReadMask = new FieldMask { Paths = { fields } };
        return _caller.CallAsync(RunMethods.Get, request, cancellation);
    }

    /// <summary>Runs, newest first, without their tasks; pages are fetched as they are asked for.</summary>
    /// <param name="query">Which; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<Run> ListRunsAsync(RunQuery? query = null, CancellationToken cancellation = default)
    {
        query ??= new RunQuery();
        return _caller.PagesAsync(
            RunMethods.List,
            token => new ListRunsRequest
            {
                PageToken = token,
                PageSize = query.PageSize,
                Dag = query.Dag is { } dag ? ResourceNames.Of(dag) : "",
                States = { query.States },
                CreatedSince = query.CreatedSince?.ToTimestamp(),
            },
            page => page.Runs,
            page => page.NextPageToken,
            cancellation);
    }

    /// <summary>Asks to cancel a run. Returns when that is durable, not when its tasks have ended: <see cref="WaitAsync"/> for that.</summary>
    /// <param name="run">Which.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such run.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<CancelRunResponse> CancelAsync(RunId run, CommandOptions? options = null, CancellationToken cancellation = default) =>
        _caller.CallAsync(
            RunMethods.Cancel,
            new CancelRunRequest { Name = ResourceNames.Of(run), Why = options?.Why ?? "", RequestId = _caller.RequestId(options) },
            cancellation);

    /// <summary>Runs a run again: all that has finished of it, or what failed.</summary>
    /// <param name="run">Which.</param>
    /// <param name="onlyFailed">Only tasks that failed, and what could not run because of them.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such run.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<RerunRunResponse> RerunAsync(
        RunId run, bool onlyFailed = false, CommandOptions? options = null, CancellationToken cancellation = default) =>
        _caller.CallAsync(
            RunMethods.Rerun,
            new RerunRunRequest
            {
                Name = ResourceNames.Of(run),
                OnlyFailed = onlyFailed,
                Why = options?.Why ?? "",
                RequestId = _caller.RequestId(options),
            },
            cancellation);

    /// <summary>Sets finished task instances back, so that they run again.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">Which of its tasks.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such run or task.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<ClearTaskInstancesResponse> ClearAsync(RunId run, ClearOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ClearOptions();
        var request = new ClearTaskInstancesRequest
        {
            Parent = ResourceNames.Of(run),
            TaskIds = { options.Tasks.Select(task => task.Value) },
            Downstream = options.Downstream,
            OnlyFailed = options.OnlyFailed,
            Why = options.Why ?? "",
            RequestId = _caller.RequestId(options),
        };
        if (options.MapIndex is { } index) request.MapIndex = index;
        return _caller.CallAsync(TaskMethods.Clear, request, cancellation);
    }

    /// <summary>A task instance with its attempts and what it published.</summary>
    /// <param name="task">Which.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<TaskInstance> GetTaskInstanceAsync(TaskKey task, CancellationToken cancellation = default) =>
        _caller.CallAsync(TaskMethods.Get, new GetTaskInstanceRequest { Name = ResourceNames.Of(task) }, cancellation);

    /// <summary>The task instances of a run, by task and element; also of runs that are too large for one answer.</summary>
    /// <param name="run">The run.</param>
    /// <param name="states">Only those in one of these states; none: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<TaskInstance> ListTaskInstancesAsync(
        RunId run, IReadOnlyList<TaskState>? states = null, CancellationToken cancellation = default) => _caller.PagesAsync(
        TaskMethods.List,
        token => new ListTaskInstancesRequest { Parent = ResourceNames.Of(run), PageSize = 1000, PageToken = token, States = { states ?? [] } },
        page => page.TaskInstances,
        page => page.NextPageToken,
        cancellation);

    /// <summary>What a task instance waits for, or how its last attempt ended, and what to do.</summary>
    /// <param name="task">Which.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ExplainTaskInstanceResponse> ExplainAsync(TaskKey task, CancellationToken cancellation = default) =>
        _caller.CallAsync(TaskMethods.Explain, new ExplainTaskInstanceRequest { Name = ResourceNames.Of(task) }, cancellation);

    /// <summary>A value that a task instance left for others, whatever its size.</summary>
    /// <param name="task">Whose.</param>
    /// <param name="key">Its key.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Xcom> GetXcomAsync(TaskKey task, string key, CancellationToken cancellation = default)
    {
        var xcom = await _caller.CallAsync(
            TaskMethods.GetXcom, new GetXcomRequest { Name = ResourceName.OfXcom(ResourceNames.Of(task), key) }, cancellation);
        if (xcom.ValueJson.Length > 0 || xcom.SizeBytes == 0) return xcom;
        using var value = new MemoryStream();
        await using var content = new HashingStream(value, leaveOpen: true);
        var whole = await DownloadAsync(xcom.Name, content, cancellation);
        VerifiedFile.Check(xcom.Name, content, whole.SizeBytes, whole.Sha256);
        xcom.ValueJson = Encoding.UTF8.GetString(value.GetBuffer().AsSpan(0, (int)value.Length));
        return xcom;
    }

    /// <summary>The values that the task instances of a run left for others; large ones without their value.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">Only this task, with all its elements; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<Xcom> ListXcomsAsync(RunId run, TaskId? task = null, CancellationToken cancellation = default) => _caller.PagesAsync(
        TaskMethods.ListXcoms,
        token => new ListXcomsRequest { Parent = ResourceNames.Of(run, task), PageToken = token },
        page => page.Xcoms,
        page => page.NextPageToken,
        cancellation);

    private Task<Run> TriggerAsync(TriggerRunRequest request, TriggerOptions? options, CancellationToken cancellation)
    {
        RequestParams.Put(request, options?.Params, options?.ParamTexts);
        request.LogicalDate = options?.LogicalDate?.ToTimestamp();
        request.RunId = options?.Run?.Value ?? "";
        request.Why = options?.Why ?? "";
        request.RequestId = _caller.RequestId(options);
        return _caller.CallAsync(RunMethods.Trigger, request, cancellation);
    }
}
