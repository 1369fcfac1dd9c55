using OrleansFlow.Api.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Services;

/// <summary>Capacity classes: of no use where tasks run as local processes.</summary>
internal static class CapacityApi
{
    /// <summary>The feature's id.</summary>
    public const string Feature = "capacity_classes";

    /// <summary>What it is and how it is switched on.</summary>
    public const string Hint = "Capacity classes are kinds of Kubernetes nodes; this server runs tasks as local processes.";

    public static RpcService Service() => RpcService.For(CapacityServiceReflection.Descriptor.Services[0])
        .Unary<GetCapacityClassRequest, CapacityClass>("GetCapacityClass", (_, _) => throw ApiError.Disabled(Feature, Hint))
        .Unary<ListCapacityClassesRequest, ListCapacityClassesResponse>("ListCapacityClasses", (_, _) => throw ApiError.Disabled(Feature, Hint))
        .Unary<UpdateCapacityClassRequest, CapacityClass>("UpdateCapacityClass", (_, _) => throw ApiError.Disabled(Feature, Hint));
}
