using System.Globalization;
using OrleansFlow.Domain.Launching;
using OrleansFlow.TaskRuntime.Folders;

namespace OrleansFlow.TaskRuntime.Contract;

/// <summary>The environment of a task: the contract of <c>dag-file.md</c>, what its DAG says, and little else. Pure.</summary>
public static class TaskEnvironment
{
    /// <summary>The variable that carries the attempt's uid: by it the processes of a lost attempt are found.</summary>
    public const string Uid = "FLOW_ATTEMPT_UID";

    /// <summary>The variable that names the folder of outputs.</summary>
    public const string Outputs = "FLOW_OUTPUTS";

    /// <summary>The variable that says where the attempt's own API is.</summary>
    public const string Api = "FLOW_API";

    /// <summary>The variable by which a program goes on with the trace of whoever started it.</summary>
    public const string Traceparent = "TRACEPARENT";

    private static readonly string[] FromHost = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"];

    /// <summary>
    /// Composes the environment. Later wins: what the host may pass on, the plan's own variables, connections, the contract.
    /// </summary>
    /// <param name="plan">The attempt.</param>
    /// <param name="folder">Where it works.</param>
    /// <param name="connections">The values of <see cref="AttemptPlan.Connections"/> by name.</param>
    /// <param name="host">The environment of the host; only <c>PATH</c>, <c>HOME</c>, <c>USER</c>, <c>LOGNAME</c>, <c>SHELL</c>,
    /// <c>LANG</c>, <c>LC_*</c>, <c>TZ</c> and <c>TMPDIR</c> are taken: the rest may be secret.</param>
    /// <param name="api">The value of <c>FLOW_API</c>; null: there is none.</param>
    /// <param name="traceparent">The attempt's place in the trace of its run, unless its DAG names another; null: there is no trace.</param>
    public static SortedDictionary<string, string> Compose(
        AttemptPlan plan,
        AttemptFolder folder,
        IReadOnlyDictionary<string, string> connections,
        IReadOnlyDictionary<string, string> host,
        string? api = null,
        string? traceparent = null)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in host)
            if (MayInherit(name))
                variables[name] = value;

        if (traceparent is not null) variables[Traceparent] = traceparent;
        foreach (var (name, value) in plan.Environment) variables[name] = value;
        foreach (var (name, value) in connections) variables[ConnectionVariable(name)] = value;
        foreach (var (name, value) in Contract(plan, folder)) variables[name] = value;
        if (api is not null) variables[Api] = api;
        return variables;
    }

    /// <summary>Whether a variable of the host may be passed on to what users run; all others may be secret.</summary>
    public static bool MayInherit(string name) =>
        FromHost.Contains(name, StringComparer.Ordinal) || name.StartsWith("LC_", StringComparison.Ordinal);

    /// <summary>The variable of a connection: <c>credit-db</c> is <c>FLOW_CONN_CREDIT_DB</c>.</summary>
    public static string ConnectionVariable(string connection) =>
        "FLOW_CONN_" + string.Concat(connection.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    /// <summary>A moment as tasks read it: ISO 8601 in UTC, with fractions of a second only where there are some.</summary>
    public static string Iso(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Contract(AttemptPlan plan, AttemptFolder folder)
    {
        var task = plan.Key.Task;
        var contract = new Dictionary<string, string>
        {
            ["FLOW_DAG_ID"] = plan.Dag.Value,
            ["FLOW_RUN_ID"] = task.Run.Value,
            ["FLOW_TASK_ID"] = task.Task.Value,
            ["FLOW_EPOCH"] = plan.Key.Epoch.ToString(CultureInfo.InvariantCulture),
            [Uid] = plan.Uid.ToString("D"),
            ["FLOW_LOGICAL_DATE"] = Iso(plan.LogicalDate),
            ["FLOW_DATA_INTERVAL_START"] = Iso(plan.DataIntervalStart),
            ["FLOW_DATA_INTERVAL_END"] = Iso(plan.DataIntervalEnd),
            ["FLOW_PARAMS"] = plan.Params,
            ["FLOW_INPUTS"] = folder.Inputs,
            [Outputs] = folder.Outputs,
            ["FLOW_XCOM"] = folder.Xcom,
            ["FLOW_CHECKPOINT"] = folder.Checkpoint,
            ["FLOW_STOP"] = folder.Stop,
            ["FLOW_IDEMPOTENCY_KEY"] = $"{plan.Dag}/{task}",
        };
        if (task.IsMapped) contract["FLOW_MAP_INDEX"] = task.MapIndex.ToString(CultureInfo.InvariantCulture);
        if (plan.MapItem is not null) contract["FLOW_MAP_ITEM"] = plan.MapItem;
        return contract;
    }
}
