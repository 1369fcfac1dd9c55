using Microsoft.AspNetCore.Http;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Security;

/// <summary>Who calls.</summary>
/// <param name="Name">The name in audit trails.</param>
/// <param name="Role">What he may do.</param>
public sealed record Caller(string Name, Role Role)
{
    private static readonly object Key = new();

    /// <summary>The caller of a call that was let in.</summary>
    internal static Caller Of(RpcContext context) => (Caller)context.Http.Items[Key]!;

    /// <summary>Where the call comes from; null when it cannot be told.</summary>
    internal static string? AddressOf(RpcContext context) => context.Http.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : null;

    internal void Enter(HttpContext http) => http.Items[Key] = this;
}
