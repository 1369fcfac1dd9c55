using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Calls;

/// <summary>
/// The methods that the client calls, each made when it is first asked for, and by their names: a program that is started for one call would spend
/// more time with descriptors, and with the messages of other methods, than with the call.
/// </summary>
internal static class DagMethods
{
    private const string Service = "orleansflow.v1.DagService";

    public static RpcMethod<ValidateDagRequest, DagReport> Validate => field ??=
        RpcMethod.Named(ValidateDagRequest.Parser, DagReport.Parser, Service, "ValidateDag", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ApplyDagRequest, ApplyDagResponse> Apply => field ??=
        RpcMethod.Named(ApplyDagRequest.Parser, ApplyDagResponse.Parser, Service, "ApplyDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<GetDagRequest, Dag> Get => field ??=
        RpcMethod.Named(GetDagRequest.Parser, Dag.Parser, Service, "GetDag", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListDagsRequest, ListDagsResponse> List => field ??=
        RpcMethod.Named(ListDagsRequest.Parser, ListDagsResponse.Parser, Service, "ListDags", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<GetDagVersionRequest, DagVersion> GetVersion => field ??=
        RpcMethod.Named(GetDagVersionRequest.Parser, DagVersion.Parser, Service, "GetDagVersion", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListDagVersionsRequest, ListDagVersionsResponse> ListVersions => field ??=
        RpcMethod.Named(ListDagVersionsRequest.Parser, ListDagVersionsResponse.Parser, Service, "ListDagVersions", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<PauseDagRequest, PauseDagResponse> Pause => field ??=
        RpcMethod.Named(PauseDagRequest.Parser, PauseDagResponse.Parser, Service, "PauseDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<UnpauseDagRequest, UnpauseDagResponse> Unpause => field ??=
        RpcMethod.Named(UnpauseDagRequest.Parser, UnpauseDagResponse.Parser, Service, "UnpauseDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<GetDagSchemaRequest, GetDagSchemaResponse> GetSchema => field ??=
        RpcMethod.Named(GetDagSchemaRequest.Parser, GetDagSchemaResponse.Parser, Service, "GetDagSchema", RpcKind.Unary, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class RunMethods
{
    private const string Service = "orleansflow.v1.RunService";

    public static RpcMethod<TriggerRunRequest, Run> Trigger => field ??=
        RpcMethod.Named(TriggerRunRequest.Parser, Run.Parser, Service, "TriggerRun", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<GetRunRequest, Run> Get => field ??=
        RpcMethod.Named(GetRunRequest.Parser, Run.Parser, Service, "GetRun", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListRunsRequest, ListRunsResponse> List => field ??=
        RpcMethod.Named(ListRunsRequest.Parser, ListRunsResponse.Parser, Service, "ListRuns", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<WatchRunRequest, WatchRunResponse> Watch => field ??=
        RpcMethod.Named(WatchRunRequest.Parser, WatchRunResponse.Parser, Service, "WatchRun", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListRunEventsRequest, ListRunEventsResponse> ListEvents => field ??=
        RpcMethod.Named(ListRunEventsRequest.Parser, ListRunEventsResponse.Parser, Service, "ListRunEvents", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<WatchRunEventsRequest, WatchRunEventsResponse> WatchEvents => field ??=
        RpcMethod.Named(WatchRunEventsRequest.Parser, WatchRunEventsResponse.Parser, Service, "WatchRunEvents", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
    public static RpcMethod<CancelRunRequest, CancelRunResponse> Cancel => field ??=
        RpcMethod.Named(CancelRunRequest.Parser, CancelRunResponse.Parser, Service, "CancelRun", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<RerunRunRequest, RerunRunResponse> Rerun => field ??=
        RpcMethod.Named(RerunRunRequest.Parser, RerunRunResponse.Parser, Service, "RerunRun", RpcKind.Unary, RpcRepeats.Idempotent);
}

/// <inheritdoc cref="DagMethods"/>
internal static class TaskMethods
{
    private const string Service = "orleansflow.v1.TaskService";

    public static RpcMethod<GetTaskInstanceRequest, TaskInstance> Get => field ??=
        RpcMethod.Named(GetTaskInstanceRequest.Parser, TaskInstance.Parser, Service, "GetTaskInstance", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListTaskInstancesRequest, ListTaskInstancesResponse> List => field ??=
        RpcMethod.Named(ListTaskInstancesRequest.Parser, ListTaskInstancesResponse.Parser, Service, "ListTaskInstances", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse> Explain => field ??=
        RpcMethod.Named(ExplainTaskInstanceRequest.Parser, ExplainTaskInstanceResponse.Parser, Service, "ExplainTaskInstance", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ClearTaskInstancesRequest, ClearTaskInstancesResponse> Clear => field ??=
        RpcMethod.Named(ClearTaskInstancesRequest.Parser, ClearTaskInstancesResponse.Parser, Service, "ClearTaskInstances", RpcKind.Unary, RpcRepeats.Idempotent);
    public static RpcMethod<GetXcomRequest, Xcom> GetXcom => field ??=
        RpcMethod.Named(GetXcomRequest.Parser, Xcom.Parser, Service, "GetXcom", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListXcomsRequest, ListXcomsResponse> ListXcoms => field ??=
        RpcMethod.Named(ListXcomsRequest.Parser, ListXcomsResponse.Parser, Service, "ListXcoms", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListArtifactsRequest, ListArtifactsResponse> ListArtifacts => field ??=
        RpcMethod.Named(ListArtifactsRequest.Parser, ListArtifactsResponse.Parser, Service, "ListArtifacts", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<DownloadArtifactRequest, DownloadArtifactResponse> Download => field ??=
        RpcMethod.Named(DownloadArtifactRequest.Parser, DownloadArtifactResponse.Parser, Service, "DownloadArtifact", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class LogMethods
{
    private const string Service = "orleansflow.v1.LogService";

    public static RpcMethod<ListLogRecordsRequest, ListLogRecordsResponse> List => field ??=
        RpcMethod.Named(ListLogRecordsRequest.Parser, ListLogRecordsResponse.Parser, Service, "ListLogRecords", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<StreamLogsRequest, StreamLogsResponse> Stream => field ??=
        RpcMethod.Named(StreamLogsRequest.Parser, StreamLogsResponse.Parser, Service, "StreamLogs", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class PoolMethods
{
    private const string Service = "orleansflow.v1.PoolService";

    public static RpcMethod<GetPoolRequest, Pool> Get => field ??=
        RpcMethod.Named(GetPoolRequest.Parser, Pool.Parser, Service, "GetPool", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListPoolsRequest, ListPoolsResponse> List => field ??=
        RpcMethod.Named(ListPoolsRequest.Parser, ListPoolsResponse.Parser, Service, "ListPools", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<UpdatePoolRequest, Pool> Update => field ??=
        RpcMethod.Named(UpdatePoolRequest.Parser, Pool.Parser, Service, "UpdatePool", RpcKind.Unary, RpcRepeats.Idempotent);
}

/// <inheritdoc cref="DagMethods"/>
internal static class SystemMethods
{
    private const string Service = "orleansflow.v1.SystemService";

    public static RpcMethod<GetSystemInfoRequest, SystemInfo> Info => field ??=
        RpcMethod.Named(GetSystemInfoRequest.Parser, SystemInfo.Parser, Service, "GetSystemInfo", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<GetHealthRequest, Health> Health => field ??=
        RpcMethod.Named(GetHealthRequest.Parser, Contracts.V1.Health.Parser, Service, "GetHealth", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static RpcMethod<ListHostsRequest, ListHostsResponse> ListHosts => field ??=
        RpcMethod.Named(ListHostsRequest.Parser, ListHostsResponse.Parser, Service, "ListHosts", RpcKind.Unary, RpcRepeats.NoSideEffects);
}
