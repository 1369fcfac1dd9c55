using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Scheduling.Storage;

namespace OrleansFlow.Scheduling.Coordinators;

/// <summary>Hands an attempt whose intent is committed to its backend, with all it needs.</summary>
internal sealed class AttemptLauncher(SchedulingServices services)
{
    private readonly XcomReader _xcoms = new(services.Reader, services.Artifacts);

    /// <summary>Launches, and returns what the task instance is to be told of it; null when the backend will tell.</summary>
    public async Task<object?> LaunchAsync(RunFrame frame, TaskSpec spec, TaskInstance task, Attempt attempt)
    {
        if (spec.Action is NoopAction)
        {
            var exit = new ExitReport { ExitCode = 0, At = services.Now, Outputs = StagedOutputs.None };
            return new AttemptExited(attempt.Key, attempt.Uid, services.Now, null, exit);
        }

        try
        {
            var (plan, problem) = await PlanWhenStoreAnswersAsync(frame, task, attempt);
            if (plan is null) return Refused(attempt, TaskReason.Unresolved, problem!, permanent: true);
            await services.Backend.LaunchAsync(plan, services.Stopping);
            return null;
        }
        catch (LaunchException e)
        {
            return Refused(attempt, TaskReason.LaunchFailed, e.Message, e.Permanent);
        }
        catch (Exception e) when (e is not (OperationCanceledException or FencedException))
        {
            services.Observer.Defect($"launch of {attempt.Key}", e);
            return Refused(attempt, TaskReason.LaunchFailed, e.Message, permanent: false);
        }
    }

    private LaunchRefused Refused(Attempt attempt, TaskReason reason, string message, bool permanent) =>
        new(attempt.Key.Epoch, attempt.Uid, services.Backend.Name, reason, message, permanent);

    private async Task<(AttemptPlan? Plan, string? Problem)> PlanWhenStoreAnswersAsync(RunFrame frame, TaskInstance task, Attempt attempt)
    {
        while (true)
        {
            try
            {
                return await PlanAsync(frame, task, attempt);
            }
            catch (StoreException e) when (e.Failure is StoreFailure.Unavailable or StoreFailure.Contention)
            {
                services.Observer.StoreUnavailable(e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), services.Time, services.Stopping);
            }
        }
    }

    private async Task<(AttemptPlan? Plan, string? Problem)> PlanAsync(RunFrame frame, TaskInstance task, Attempt attempt)
    {
        var needs = AttemptPlanner.Needs(frame.Graph, frame.Graph.IndexOf(task.Key.Task));
        var xcoms = await _xcoms.ReadAsync(task.Key.Run, needs.Xcoms, services.Stopping);
        if (xcoms.Problems.Count > 0)
            throw new LaunchException(string.Join("; ", xcoms.Problems.Values.Select(problem => problem.Text)))
            {
                Permanent = xcoms.Problems.Values.Any(problem => problem.Permanent),
            };
        var artifacts = needs.ArtifactTasks.Count == 0
            ? []
            : await services.Reader.ReadArtifactsAsync(task.Key.Run, needs.ArtifactTasks, services.Stopping);
        var checkpoint = attempt.Key.Epoch > 1 ? await services.Reader.ReadCheckpointAsync(task.Key, services.Stopping) : null;
        return AttemptPlanner.Plan(frame.Graph, frame.Header, task, attempt, xcoms.Rows, artifacts, checkpoint);
    }
}
