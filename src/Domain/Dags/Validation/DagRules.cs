using System.Globalization;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of the DAG itself.</summary>
internal static class DagRules
{
    public static void Check(DagSpec dag, SpecProblems problems)
    {
        if (IdRules.Problem(dag.Id.Value) is { } badId) problems.Error(badId, "dag");
        if (dag.Tasks.Count == 0) problems.Error("the DAG has no tasks: add at least one", "tasks");
        if (dag.Tasks.Count > DagLimits.MaxTasks)
        {
            problems.Error(
                string.Create(CultureInfo.InvariantCulture, $"the DAG has {dag.Tasks.Count} tasks, at most {DagLimits.MaxTasks} are allowed: split it, or use 'map'"),
                "tasks");
        }

        if (dag.MaxActiveRuns < 1) problems.Error("must be at least 1", "max_active_runs");
        if (dag.MaxActiveTasks < 1) problems.Error("must be at least 1; leave it out for any number", "max_active_tasks");
        if (dag.RunTimeout <= TimeSpan.Zero) problems.Error("must be longer than zero; leave it out for any time", "run_timeout");

        if (dag.Schedule is not null)
            foreach (var problem in ScheduleValidator.Validate(dag.Schedule))
                problems.Error(problem.Message, problem.Path.Length == 0 ? ["schedule"] : ["schedule", problem.Path]);

        if (dag.Schedule is not null)
            foreach (var (name, schema) in dag.Params)
                if (!schema.ContainsKey("default"))
                    problems.Error($"'{name}' has no default, but nobody is there to give scheduled runs a value: add a default, or remove the schedule", "params", name);

        CheckIds(dag, problems);
        foreach (var problem in ParamValidator.CheckSchemas(dag.Params)) problems.Add(problem);
        EnvRules.Check(dag.Env, problems, "env");
        CallbackRules.Check(dag.OnSuccess, problems, "on_success");
        CallbackRules.Check(dag.OnFailure, problems, "on_failure");
    }

    private static void CheckIds(DagSpec dag, SpecProblems problems)
    {
        var tasks = new HashSet<string>(dag.Tasks.Count);
        foreach (var task in dag.Tasks)
        {
            if (IdRules.Problem(task.Id.Value) is { } bad) problems.Error(bad, "tasks", task.Id.Value);
            if (!tasks.Add(task.Id.Value)) problems.Error($"there are two tasks '{task.Id}': rename one", "tasks", task.Id.Value);
        }

        var groups = new HashSet<string>();
        foreach (var group in dag.Groups)
        {
            if (IdRules.Problem(group.Id) is { } bad) problems.Error(bad, "groups", group.Id);
            if (!groups.Add(group.Id)) problems.Error($"there are two groups '{group.Id}': rename one", "groups", group.Id);
            if (tasks.Contains(group.Id)) problems.Error($"'{group.Id}' is both a task and a group: rename one", "groups", group.Id);
        }
    }
}
