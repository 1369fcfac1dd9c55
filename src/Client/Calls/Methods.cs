using Google.Protobuf.Reflection;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Client.Calls;

/// <summary>The methods that the client calls, by their descriptors.</summary>
internal static class DagMethods
{
    private static readonly ServiceDescriptor Service = DagServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<ValidateDagRequest, DagReport> Validate = RpcMethod.Of<ValidateDagRequest, DagReport>(Service, "ValidateDag");
    public static readonly RpcMethod<ApplyDagRequest, ApplyDagResponse> Apply = RpcMethod.Of<ApplyDagRequest, ApplyDagResponse>(Service, "ApplyDag");
    public static readonly RpcMethod<GetDagRequest, Dag> Get = RpcMethod.Of<GetDagRequest, Dag>(Service, "GetDag");
    public static readonly RpcMethod<ListDagsRequest, ListDagsResponse> List = RpcMethod.Of<ListDagsRequest, ListDagsResponse>(Service, "ListDags");
    public static readonly RpcMethod<GetDagVersionRequest, DagVersion> GetVersion = RpcMethod.Of<GetDagVersionRequest, DagVersion>(Service, "GetDagVersion");
    public static readonly RpcMethod<ListDagVersionsRequest, ListDagVersionsResponse> ListVersions =
        RpcMethod.Of<ListDagVersionsRequest, ListDagVersionsResponse>(Service, "ListDagVersions");
    public static readonly RpcMethod<PauseDagRequest, PauseDagResponse> Pause = RpcMethod.Of<PauseDagRequest, PauseDagResponse>(Service, "PauseDag");
    public static readonly RpcMethod<UnpauseDagRequest, UnpauseDagResponse> Unpause = RpcMethod.Of<UnpauseDagRequest, UnpauseDagResponse>(Service, "UnpauseDag");
    public static readonly RpcMethod<GetDagSchemaRequest, GetDagSchemaResponse> GetSchema =
        RpcMethod.Of<GetDagSchemaRequest, GetDagSchemaResponse>(Service, "GetDagSchema");
}

/// <inheritdoc cref="DagMethods"/>
internal static class RunMethods
{
    private static readonly ServiceDescriptor Service = RunServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<TriggerRunRequest, Run> Trigger = RpcMethod.Of<TriggerRunRequest, Run>(Service, "TriggerRun");
    public static readonly RpcMethod<GetRunRequest, Run> Get = RpcMethod.Of<GetRunRequest, Run>(Service, "GetRun");
    public static readonly RpcMethod<ListRunsRequest, ListRunsResponse> List = RpcMethod.Of<ListRunsRequest, ListRunsResponse>(Service, "ListRuns");
    public static readonly RpcMethod<WatchRunRequest, WatchRunResponse> Watch = RpcMethod.Of<WatchRunRequest, WatchRunResponse>(Service, "WatchRun");
    public static readonly RpcMethod<ListRunEventsRequest, ListRunEventsResponse> ListEvents =
        RpcMethod.Of<ListRunEventsRequest, ListRunEventsResponse>(Service, "ListRunEvents");
    public static readonly RpcMethod<WatchRunEventsRequest, WatchRunEventsResponse> WatchEvents =
        RpcMethod.Of<WatchRunEventsRequest, WatchRunEventsResponse>(Service, "WatchRunEvents");
    public static readonly RpcMethod<CancelRunRequest, CancelRunResponse> Cancel = RpcMethod.Of<CancelRunRequest, CancelRunResponse>(Service, "CancelRun");
    public static readonly RpcMethod<RerunRunRequest, RerunRunResponse> Rerun = RpcMethod.Of<RerunRunRequest, RerunRunResponse>(Service, "RerunRun");
}

/// <inheritdoc cref="DagMethods"/>
internal static class TaskMethods
{
    private static readonly ServiceDescriptor Service = TaskServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<GetTaskInstanceRequest, TaskInstance> Get = RpcMethod.Of<GetTaskInstanceRequest, TaskInstance>(Service, "GetTaskInstance");
    public static readonly RpcMethod<ListTaskInstancesRequest, ListTaskInstancesResponse> List =
        RpcMethod.Of<ListTaskInstancesRequest, ListTaskInstancesResponse>(Service, "ListTaskInstances");
    public static readonly RpcMethod<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse> Explain =
        RpcMethod.Of<ExplainTaskInstanceRequest, ExplainTaskInstanceResponse>(Service, "ExplainTaskInstance");
    public static readonly RpcMethod<ClearTaskInstancesRequest, ClearTaskInstancesResponse> Clear =
        RpcMethod.Of<ClearTaskInstancesRequest, ClearTaskInstancesResponse>(Service, "ClearTaskInstances");
    public static readonly RpcMethod<GetXcomRequest, Xcom> GetXcom = RpcMethod.Of<GetXcomRequest, Xcom>(Service, "GetXcom");
    public static readonly RpcMethod<ListXcomsRequest, ListXcomsResponse> ListXcoms = RpcMethod.Of<ListXcomsRequest, ListXcomsResponse>(Service, "ListXcoms");
    public static readonly RpcMethod<ListArtifactsRequest, ListArtifactsResponse> ListArtifacts =
        RpcMethod.Of<ListArtifactsRequest, ListArtifactsResponse>(Service, "ListArtifacts");
    public static readonly RpcMethod<DownloadArtifactRequest, DownloadArtifactResponse> Download =
        RpcMethod.Of<DownloadArtifactRequest, DownloadArtifactResponse>(Service, "DownloadArtifact");
}

/// <inheritdoc cref="DagMethods"/>
internal static class LogMethods
{
    private static readonly ServiceDescriptor Service = LogServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<ListLogRecordsRequest, ListLogRecordsResponse> List =
        RpcMethod.Of<ListLogRecordsRequest, ListLogRecordsResponse>(Service, "ListLogRecords");
    public static readonly RpcMethod<StreamLogsRequest, StreamLogsResponse> Stream =
        RpcMethod.Of<StreamLogsRequest, StreamLogsResponse>(Service, "StreamLogs");
}

/// <inheritdoc cref="DagMethods"/>
internal static class PoolMethods
{
    private static readonly ServiceDescriptor Service = PoolServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<GetPoolRequest, Pool> Get = RpcMethod.Of<GetPoolRequest, Pool>(Service, "GetPool");
    public static readonly RpcMethod<ListPoolsRequest, ListPoolsResponse> List = RpcMethod.Of<ListPoolsRequest, ListPoolsResponse>(Service, "ListPools");
    public static readonly RpcMethod<UpdatePoolRequest, Pool> Update = RpcMethod.Of<UpdatePoolRequest, Pool>(Service, "UpdatePool");
}

/// <inheritdoc cref="DagMethods"/>
internal static class SystemMethods
{
    private static readonly ServiceDescriptor Service = SystemServiceReflection.Descriptor.Services[0];

    public static readonly RpcMethod<GetSystemInfoRequest, SystemInfo> Info = RpcMethod.Of<GetSystemInfoRequest, SystemInfo>(Service, "GetSystemInfo");
    public static readonly RpcMethod<GetHealthRequest, Health> Health = RpcMethod.Of<GetHealthRequest, Health>(Service, "GetHealth");
    public static readonly RpcMethod<ListHostsRequest, ListHostsResponse> ListHosts = RpcMethod.Of<ListHostsRequest, ListHostsResponse>(Service, "ListHosts");
}
