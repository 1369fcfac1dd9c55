using System.Text.Json.Nodes;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Schedules;

namespace OrleansFlow.Client.Dags;

/// <summary>A DAG while it is written. Methods say what the fields of a DAG file of the same name say. Not thread-safe.</summary>
public sealed class DagBuilder
{
    private readonly Scope _scope = new();
    private readonly Dictionary<string, JsonObject> _params = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _env = new(StringComparer.Ordinal);
    private DagSpec _spec;

    internal DagBuilder(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        _spec = new DagSpec { Id = new DagId(id), Tasks = [] };
    }

    /// <summary>One line for people.</summary>
    public DagBuilder Description(string text) => With(_spec with { Description = text });

    /// <summary>Markdown, shown in the UI.</summary>
    public DagBuilder Docs(string markdown) => With(_spec with { Docs = markdown });

    /// <summary>Words to find it by; adds to those before.</summary>
    public DagBuilder Tags(params IEnumerable<string> tags) => With(_spec with { Tags = [.. _spec.Tags, .. tags] });

    /// <summary>Who answers for it.</summary>
    public DagBuilder Owner(string owner) => With(_spec with { Owner = owner });

    /// <summary>Runs at a fixed distance, on the grid start + k * every; does not follow daylight saving time.</summary>
    public DagBuilder Every(TimeSpan every) => Schedule(schedule => schedule with { Every = every });

    /// <summary>Runs by five cron fields or a macro such as <c>@daily</c>.</summary>
    /// <param name="expression">The fields or the macro.</param>
    /// <param name="timeZone">The IANA time zone that they are read in. Default: UTC.</param>
    public DagBuilder Cron(string expression, string timeZone = "UTC") =>
        Schedule(schedule => schedule with { Cron = expression, TimeZone = timeZone });

    /// <summary>One run, at the given time; null: at <see cref="Start"/>, or when the DAG is first applied.</summary>
    public DagBuilder Once(DateTimeOffset? at = null) =>
        Schedule(schedule => schedule with { Once = true, Start = at?.ToUniversalTime() ?? schedule.Start });

    /// <summary>No run is due before.</summary>
    public DagBuilder Start(DateTimeOffset start) => Schedule(schedule => schedule with { Start = start.ToUniversalTime() });

    /// <summary>No run is due after.</summary>
    public DagBuilder End(DateTimeOffset end) => Schedule(schedule => schedule with { End = end.ToUniversalTime() });

    /// <summary>Whether all missed runs are made up for, or only the latest. Default: only the latest.</summary>
    public DagBuilder Catchup(bool catchup = true) => Schedule(schedule => schedule with { Catchup = catchup });

    /// <summary>Whether the logical date is the start of a data interval at whose end the run fires. Default: no.</summary>
    public DagBuilder Interval(bool interval = true) => Schedule(schedule => schedule with { Interval = interval });

    /// <summary>Whether it starts out paused when it is applied for the first time. Default: no.</summary>
    public DagBuilder Paused(bool paused = true) => With(_spec with { Paused = paused });

    /// <summary>How many of its runs may run at once. Default: 16.</summary>
    public DagBuilder MaxActiveRuns(int count) => With(_spec with { MaxActiveRuns = count });

    /// <summary>How many tasks of one run may be active at once. Default: any number.</summary>
    public DagBuilder MaxActiveTasks(int count) => With(_spec with { MaxActiveTasks = count });

    /// <summary>How long a run may take from its start. Default: any time.</summary>
    public DagBuilder RunTimeout(TimeSpan timeout) => With(_spec with { RunTimeout = timeout });

    /// <summary>A parameter of runs; without a default a run must be given a value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="configure">Says what it may be.</param>
    public DagBuilder Param(string name, Action<ParamBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var param = new ParamBuilder();
        configure(param);
        return Param(name, param.Schema);
    }

    /// <summary>A parameter of runs by its JSON schema; <c>default</c> makes it optional.</summary>
    public DagBuilder Param(string name, JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _params[name] = (JsonObject)schema.DeepClone();
        return this;
    }

    /// <summary>An environment variable of every task; the value is a template.</summary>
    public DagBuilder Env(string name, string value)
    {
        _env[name] = value;
        return this;
    }

    /// <summary>What every task says, unless its group or it says otherwise.</summary>
    public DagBuilder Defaults(Action<TaskBuilder> configure)
    {
        _scope.AddDefaults(configure);
        return this;
    }

    /// <summary>A task.</summary>
    public DagBuilder Task(string id, Action<TaskBuilder> configure)
    {
        _scope.AddTask(id, configure);
        return this;
    }

    /// <summary>A group of tasks.</summary>
    public DagBuilder Group(string id, Action<GroupBuilder> configure)
    {
        _scope.AddGroup(id, configure);
        return this;
    }

    /// <summary>Who is told when a run succeeds: <see cref="Callback"/> makes them. Adds to those before.</summary>
    public DagBuilder OnSuccess(params IEnumerable<CallbackSpec> callbacks) => With(_spec with { OnSuccess = [.. _spec.OnSuccess, .. callbacks] });

    /// <summary>Who is told when a run fails: <see cref="Callback"/> makes them. Adds to those before.</summary>
    public DagBuilder OnFailure(params IEnumerable<CallbackSpec> callbacks) => With(_spec with { OnFailure = [.. _spec.OnFailure, .. callbacks] });

    /// <summary>The DAG as it is written by now.</summary>
    /// <exception cref="DagBuildException">It is invalid; the exception lists everything that is wrong.</exception>
    public DagDefinition Build()
    {
        var (spec, problems) = Assemble();
        return problems.Any(problem => problem.Severity == Severity.Error)
            ? throw new DagBuildException(_spec.Id.Value, problems)
            : new DagDefinition(spec, problems);
    }

    /// <summary>Everything that is wrong with the DAG as it is written by now; no error among it means that it can be built.</summary>
    public IReadOnlyList<SpecProblem> Validate() => Assemble().Problems;

    private (DagSpec Spec, IReadOnlyList<SpecProblem> Problems) Assemble() => new DagAssembly(
        _spec with { Params = new Dictionary<string, JsonObject>(_params), Env = new Dictionary<string, string>(_env) }, _scope).Run();

    private DagBuilder Schedule(Func<ScheduleSpec, ScheduleSpec> change) => With(_spec with { Schedule = change(_spec.Schedule ?? new ScheduleSpec()) });

    private DagBuilder With(DagSpec spec)
    {
        _spec = spec;
        return this;
    }
}
