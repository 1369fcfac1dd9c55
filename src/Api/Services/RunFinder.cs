using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;

namespace OrleansFlow.Api.Services;

/// <summary>Finds what requests name, or says that it is not there.</summary>
internal sealed class RunFinder(ApiParts parts)
{
    private const string RunHint = "ListRuns shows those that there are.";
    private const string TaskHint = "ListTaskInstances shows those that the run has.";

    /// <summary>A run without its tasks.</summary>
    /// <exception cref="RpcException">There is no such run.</exception>
    public async Task<RunSummary> RunAsync(RunId run, CancellationToken cancellation) =>
        await parts.Pages.FindRunAsync(run, cancellation) ?? throw NoRun(run);

    public static RpcException NoRun(RunId run) =>
        ApiError.NotFound(ErrorReason.RunNotFound, new Run(), ResourceNames.Of(run), RunHint);

    public static RpcException NoTask(Scope scope) =>
        ApiError.NotFound(ErrorReason.TaskInstanceNotFound, new TaskInstance(), scope.ToString(), TaskHint);

    /// <summary>The run and, where a task or an element is named, that there is one.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public async Task<RunSummary> ScopeAsync(Scope scope, CancellationToken cancellation)
    {
        var run = await RunAsync(scope.Run, cancellation);
        if (scope.Task is null) return run;
        var filter = new TaskFilter { Run = scope.Run, Task = scope.Task, MapIndex = scope.MapIndex, Limit = 1 };
        return (await parts.Pages.PageTasksAsync(filter, cancellation)).Count > 0 ? run : throw NoTask(scope);
    }

    /// <summary>The one task instance that a name means.</summary>
    /// <param name="scope">The name.</param>
    /// <param name="field">The field that it came in.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcException">There is none, or the task is mapped and no element was named.</exception>
    public async Task<(RunSummary Run, TaskDetail Task)> TaskAsync(Scope scope, string field, CancellationToken cancellation)
    {
        var run = await RunAsync(scope.Run, cancellation);
        var filter = new TaskFilter { Run = scope.Run, Task = scope.Task, MapIndex = scope.MapIndex, Limit = 1 };
        var found = await parts.Pages.PageTasksAsync(filter, cancellation);
        if (found.Count == 0) throw NoTask(scope);
        if (scope.MapIndex is not null || !found[0].Task.Key.IsMapped) return (run, found[0]);
        var check = new RequestCheck();
        check.Add(field, "MALFORMED", $"the task is mapped: name one of its elements, such as {ResourceNames.Of(found[0].Task.Key)}");
        check.ThrowIfWrong();
        throw new InvalidOperationException("a violation was noted and not thrown");
    }

    /// <summary>Where the log of an attempt lies.</summary>
    public Func<AttemptKey, string> LogsOf(DagId dag) => attempt => parts.Logs.Locate(dag, attempt);
}
