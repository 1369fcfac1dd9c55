using System.Collections.Frozen;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Api.Security;

/// <summary>What a method asks of its callers.</summary>
internal enum Access
{
    /// <summary>Nothing: it says no more than that the server is there.</summary>
    Anybody = 1,

    /// <summary>A token.</summary>
    Viewer = 2,

    /// <summary>A token of an operator.</summary>
    Operator = 3,

    /// <summary>A token of an administrator.</summary>
    Admin = 4,

    /// <summary>To be an attempt: no token is enough.</summary>
    Attempt = 5,
}

/// <summary>The one table of who may call what. A method that is not in it is refused.</summary>
internal static class Permissions
{
    /// <summary>By path.</summary>
    public static FrozenDictionary<string, Access> Table { get; } = new Dictionary<string, Access>(StringComparer.Ordinal)
    {
        ["/orleansflow.v1.DagService/ValidateDag"] = Access.Viewer,
        ["/orleansflow.v1.DagService/ApplyDag"] = Access.Admin,
        ["/orleansflow.v1.DagService/GetDag"] = Access.Viewer,
        ["/orleansflow.v1.DagService/ListDags"] = Access.Viewer,
        ["/orleansflow.v1.DagService/GetDagVersion"] = Access.Viewer,
        ["/orleansflow.v1.DagService/ListDagVersions"] = Access.Viewer,
        ["/orleansflow.v1.DagService/PauseDag"] = Access.Operator,
        ["/orleansflow.v1.DagService/UnpauseDag"] = Access.Operator,
        ["/orleansflow.v1.DagService/GetDagSchema"] = Access.Viewer,

        // With a file of the caller's own it runs his commands: that takes an administrator, as applying does.
        ["/orleansflow.v1.RunService/TriggerRun"] = Access.Operator,
        ["/orleansflow.v1.RunService/GetRun"] = Access.Viewer,
        ["/orleansflow.v1.RunService/ListRuns"] = Access.Viewer,
        ["/orleansflow.v1.RunService/WatchRun"] = Access.Viewer,
        ["/orleansflow.v1.RunService/ListRunEvents"] = Access.Viewer,
        ["/orleansflow.v1.RunService/WatchRunEvents"] = Access.Viewer,
        ["/orleansflow.v1.RunService/CancelRun"] = Access.Operator,
        ["/orleansflow.v1.RunService/RerunRun"] = Access.Operator,

        ["/orleansflow.v1.TaskService/GetTaskInstance"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/ListTaskInstances"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/ExplainTaskInstance"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/ClearTaskInstances"] = Access.Operator,
        ["/orleansflow.v1.TaskService/ListArtifacts"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/DownloadArtifact"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/GetXcom"] = Access.Viewer,
        ["/orleansflow.v1.TaskService/ListXcoms"] = Access.Viewer,

        ["/orleansflow.v1.LogService/ListLogRecords"] = Access.Viewer,
        ["/orleansflow.v1.LogService/StreamLogs"] = Access.Viewer,

        ["/orleansflow.v1.PoolService/GetPool"] = Access.Viewer,
        ["/orleansflow.v1.PoolService/ListPools"] = Access.Viewer,
        ["/orleansflow.v1.PoolService/UpdatePool"] = Access.Admin,

        ["/orleansflow.v1.CapacityService/GetCapacityClass"] = Access.Viewer,
        ["/orleansflow.v1.CapacityService/ListCapacityClasses"] = Access.Viewer,
        ["/orleansflow.v1.CapacityService/UpdateCapacityClass"] = Access.Admin,

        ["/orleansflow.v1.SystemService/GetSystemInfo"] = Access.Viewer,
        ["/orleansflow.v1.SystemService/GetHealth"] = Access.Viewer,
        ["/orleansflow.v1.SystemService/ListHosts"] = Access.Viewer,

        ["/orleansflow.v1.AttemptService/StartAttempt"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/Heartbeat"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/WatchAttempt"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/ReportProgress"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/PutXcoms"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/UploadFile"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/SaveCheckpoint"] = Access.Attempt,
        ["/orleansflow.v1.AttemptService/CompleteAttempt"] = Access.Attempt,

        ["/grpc.health.v1.Health/Check"] = Access.Anybody,
        ["/grpc.health.v1.Health/List"] = Access.Viewer,
        ["/grpc.health.v1.Health/Watch"] = Access.Viewer,
        ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"] = Access.Viewer,
        ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] = Access.Viewer,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a role reaches.</summary>
    public static bool Permits(Access needed, Role role) => needed switch
    {
        Access.Anybody => true,
        Access.Viewer => role >= Role.Viewer,
        Access.Operator => role >= Role.Operator,
        Access.Admin => role >= Role.Admin,
        _ => false,
    };
}
