using System.Reflection;
using System.Runtime.InteropServices;
using OrleansFlow.Api.Installations;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Services;

/// <summary>The installation itself.</summary>
internal sealed class SystemApi(ApiParts parts)
{
    // Larger ones than the 48 KiB that a row takes lie with the files of their attempt.
    private const int MaxXcomBytes = 16 * 1024 * 1024;
    private static readonly string[] s_version = ReadVersion().Split('+', 2);

    public RpcService Service() => RpcService.For(SystemServiceReflection.Descriptor.Services[0])
        .Unary<GetSystemInfoRequest, SystemInfo>("GetSystemInfo", InfoAsync)
        .Unary<GetHealthRequest, Health>("GetHealth", HealthAsync)
        .Unary<ListHostsRequest, ListHostsResponse>("ListHosts", HostsAsync);

    private async Task<SystemInfo> InfoAsync(GetSystemInfoRequest request, RpcContext context)
    {
        var caller = Caller.Of(context);
        var info = new SystemInfo
        {
            InstallationId = parts.Installation.Id.ToString(),
            Version = s_version[0],
            Commit = s_version.Length > 1 ? s_version[1] : "",
            Runtime = RuntimeInformation.FrameworkDescription,
            Platform = RuntimeInformation.RuntimeIdentifier,
            SchemaVersion = parts.Installation.SchemaVersion,
            Engine = Engine.Embedded,
            Limits = new SystemLimits
            {
                MaxMessageBytes = parts.Limits.MaxMessageBytes,
                MaxDagFileBytes = DagReading.MaxBytes,
                MaxDagTasks = DagLimits.MaxTasks,
                MaxXcomBytes = MaxXcomBytes,
            },
            Caller = caller.Name,
            Role = caller.Role,
            LogsRemovedBeforeTime = (await parts.Logs.ReadRemovedBeforeAsync(context.Cancellation))?.ToProto(),
        };
        info.Backends.AddRange(parts.Installation.Backends);
        info.Features.Add(new Feature { FeatureId = AttemptApi.Feature, Enabled = false, Description = AttemptApi.Hint });
        info.Features.Add(new Feature { FeatureId = CapacityApi.Feature, Enabled = false, Description = CapacityApi.Hint });
        return info;
    }

    private async Task<Health> HealthAsync(GetHealthRequest request, RpcContext context)
    {
        var looked = await parts.Installation.LookAsync(context.Cancellation);
        var health = new Health { Status = (HealthStatus)(int)looked.Max(part => part.State) };
        health.Components.AddRange(looked.Select(part => new ComponentHealth
        {
            ComponentId = part.Part,
            Status = (HealthStatus)(int)part.State,
            Detail = part.Detail,
            SinceTime = part.Since.ToProto(),
        }));
        return health;
    }

    private async Task<ListHostsResponse> HostsAsync(ListHostsRequest request, RpcContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize);
        check.ThrowIfWrong();
        var after = PageToken.Read(request, request.PageToken, 2);
        var page = (await parts.Installation.ListHostsAsync(context.Cancellation))
            .OrderByDescending(host => host.InCharge).ThenBy(host => host.Id, StringComparer.Ordinal)
            .Where(host => after is null || IsBehind(host, after[0] == "1", after[1]))
            .Take(size + 1)
            .ToList();
        var response = new ListHostsResponse();
        response.Hosts.AddRange(page.Take(size).Select(ToProto));
        if (page.Count > size) response.NextPageToken = PageToken.Write(request, page[size - 1].InCharge ? "1" : "0", page[size - 1].Id);
        return response;
    }

    private static bool IsBehind(HostRow host, bool inCharge, string id) => host.InCharge == inCharge
        ? string.CompareOrdinal(host.Id, id) > 0
        : inCharge;

    private static Host ToProto(HostRow host) => new()
    {
        Name = $"hosts/{host.Id}",
        Engine = host.Engine == "embedded" ? Engine.Embedded : Engine.Cluster,
        InCharge = host.InCharge,
        Epoch = host.Epoch,
        RegisterTime = host.RegisteredAt.ToProto(),
        LeaseExpireTime = host.Until.ToProto(),
        Address = host.Address ?? "",
        Version = host.Version ?? "",
        State = (Contracts.V1.HostState)(int)host.State,
        SinceTime = host.Since.ToProto(),
        Live = host.Live is { } live
            ? new LiveCoordinators { DagCount = live.Dags, RunCount = live.Runs, TaskCount = live.Tasks, PoolCount = live.Pools }
            : null,
        Notice = host.Notice ?? "",
        NoticeTime = host.NoticedAt?.ToProto(),
    };

    private static string ReadVersion() =>
        typeof(SystemApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
