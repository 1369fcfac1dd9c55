using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Calls;

/// <summary>The methods that the client calls, by their names: a program that is started for one call would spend more time with descriptors than with the call.</summary>
internal static class DagMethods
{
    private const string Service = "orleansflow.v1.DagService";

    public static readonly RpcMethod<ValidateDagRequest, DagReport> Validate =
        RpcMethod.Named(ValidateDagRequest.Parser, DagReport.Parser, Service, "ValidateDag", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ApplyDagRequest, ApplyDagResponse> Apply =
        RpcMethod.Named(ApplyDagRequest.Parser, ApplyDagResponse.Parser, Service, "ApplyDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<GetDagRequest, Dag> Get =
        RpcMethod.Named(GetDagRequest.Parser, Dag.Parser, Service, "GetDag", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListDagsRequest, ListDagsResponse> List =
        RpcMethod.Named(ListDagsRequest.Parser, ListDagsResponse.Parser, Service, "ListDags", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<GetDagVersionRequest, DagVersion> GetVersion =
        RpcMethod.Named(GetDagVersionRequest.Parser, DagVersion.Parser, Service, "GetDagVersion", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListDagVersionsRequest, ListDagVersionsResponse> ListVersions =
        RpcMethod.Named(ListDagVersionsRequest.Parser, ListDagVersionsResponse.Parser, Service, "ListDagVersions", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<PauseDagRequest, PauseDagResponse> Pause =
        RpcMethod.Named(PauseDagRequest.Parser, PauseDagResponse.Parser, Service, "PauseDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<UnpauseDagRequest, UnpauseDagResponse> Unpause =
        RpcMethod.Named(UnpauseDagRequest.Parser, UnpauseDagResponse.Parser, Service, "UnpauseDag", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<GetDagSchemaRequest, GetDagSchemaResponse> GetSchema =
        RpcMethod.Named(GetDagSchemaRequest.Parser, GetDagSchemaResponse.Parser, Service, "GetDagSchema", RpcKind.Unary, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class RunMethods
{
    private const string Service = "orleansflow.v1.RunService";

    public static readonly RpcMethod<TriggerRunRequest, Run> Trigger =
        RpcMethod.Named(TriggerRunRequest.Parser, Run.Parser, Service, "TriggerRun", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<GetRunRequest, Run> Get =
        RpcMethod.Named(GetRunRequest.Parser, Run.Parser, Service, "GetRun", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListRunsRequest, ListRunsResponse> List =
        RpcMethod.Named(ListRunsRequest.Parser, ListRunsResponse.Parser, Service, "ListRuns", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<WatchRunRequest, WatchRunResponse> Watch =
        RpcMethod.Named(WatchRunRequest.Parser, WatchRunResponse.Parser, Service, "WatchRun", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListRunEventsRequest, ListRunEventsResponse> ListEvents =
        RpcMethod.Named(ListRunEventsRequest.Parser, ListRunEventsResponse.Parser, Service, "ListRunEvents", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<WatchRunEventsRequest, WatchRunEventsResponse> WatchEvents =
        RpcMethod.Named(WatchRunEventsRequest.Parser, WatchRunEventsResponse.Parser, Service, "WatchRunEvents", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<CancelRunRequest, CancelRunResponse> Cancel =
        RpcMethod.Named(CancelRunRequest.Parser, CancelRunResponse.Parser, Service, "CancelRun", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<RerunRunRequest, RerunRunResponse> Rerun =
        RpcMethod.Named(RerunRunRequest.Parser, RerunRunResponse.Parser, Service, "RerunRun", RpcKind.Unary, RpcRepeats.Idempotent);
}

/// <inheritdoc cref="DagMethods"/>
internal static class TaskMethods
{
    private const string Service = "orleansflow.v1.TaskService";

    public static readonly RpcMethod<GetTaskInstanceRequest, TaskInstance> Get =
        RpcMethod.Named(GetTaskInstanceRequest.Parser, TaskInstance.Parser, Service, "GetTaskInstance", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListTaskInstancesRequest, ListTaskInstancesResponse> List =
        RpcMethod.Named(ListTaskInstancesRequest.Parser, ListTaskInstancesResponse.Parser, Service, "ListTaskInstances", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse> Explain =
        RpcMethod.Named(ExplainTaskInstanceRequest.Parser, ExplainTaskInstanceResponse.Parser, Service, "ExplainTaskInstance", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ClearTaskInstancesRequest, ClearTaskInstancesResponse> Clear =
        RpcMethod.Named(ClearTaskInstancesRequest.Parser, ClearTaskInstancesResponse.Parser, Service, "ClearTaskInstances", RpcKind.Unary, RpcRepeats.Idempotent);
    public static readonly RpcMethod<GetXcomRequest, Xcom> GetXcom =
        RpcMethod.Named(GetXcomRequest.Parser, Xcom.Parser, Service, "GetXcom", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListXcomsRequest, ListXcomsResponse> ListXcoms =
        RpcMethod.Named(ListXcomsRequest.Parser, ListXcomsResponse.Parser, Service, "ListXcoms", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListArtifactsRequest, ListArtifactsResponse> ListArtifacts =
        RpcMethod.Named(ListArtifactsRequest.Parser, ListArtifactsResponse.Parser, Service, "ListArtifacts", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<DownloadArtifactRequest, DownloadArtifactResponse> Download =
        RpcMethod.Named(DownloadArtifactRequest.Parser, DownloadArtifactResponse.Parser, Service, "DownloadArtifact", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class LogMethods
{
    private const string Service = "orleansflow.v1.LogService";

    public static readonly RpcMethod<ListLogRecordsRequest, ListLogRecordsResponse> List =
        RpcMethod.Named(ListLogRecordsRequest.Parser, ListLogRecordsResponse.Parser, Service, "ListLogRecords", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<StreamLogsRequest, StreamLogsResponse> Stream =
        RpcMethod.Named(StreamLogsRequest.Parser, StreamLogsResponse.Parser, Service, "StreamLogs", RpcKind.ServerStreaming, RpcRepeats.NoSideEffects);
}

/// <inheritdoc cref="DagMethods"/>
internal static class PoolMethods
{
    private const string Service = "orleansflow.v1.PoolService";

    public static readonly RpcMethod<GetPoolRequest, Pool> Get =
        RpcMethod.Named(GetPoolRequest.Parser, Pool.Parser, Service, "GetPool", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListPoolsRequest, ListPoolsResponse> List =
        RpcMethod.Named(ListPoolsRequest.Parser, ListPoolsResponse.Parser, Service, "ListPools", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<UpdatePoolRequest, Pool> Update =
        RpcMethod.Named(UpdatePoolRequest.Parser, Pool.Parser, Service, "UpdatePool", RpcKind.Unary, RpcRepeats.Idempotent);
}

/// <inheritdoc cref="DagMethods"/>
internal static class SystemMethods
{
    private const string Service = "orleansflow.v1.SystemService";

    public static readonly RpcMethod<GetSystemInfoRequest, SystemInfo> Info =
        RpcMethod.Named(GetSystemInfoRequest.Parser, SystemInfo.Parser, Service, "GetSystemInfo", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<GetHealthRequest, Health> Health =
        RpcMethod.Named(GetHealthRequest.Parser, Contracts.V1.Health.Parser, Service, "GetHealth", RpcKind.Unary, RpcRepeats.NoSideEffects);
    public static readonly RpcMethod<ListHostsRequest, ListHostsResponse> ListHosts =
        RpcMethod.Named(ListHostsRequest.Parser, ListHostsResponse.Parser, Service, "ListHosts", RpcKind.Unary, RpcRepeats.NoSideEffects);
}
