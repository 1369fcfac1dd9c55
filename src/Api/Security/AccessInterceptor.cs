using Microsoft.AspNetCore.Http;
using OrleansFlow.Api.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api.Security;

/// <summary>Lets calls in by their token and the table of permissions.</summary>
/// <param name="tokens">The tokens that are known.</param>
internal sealed class AccessInterceptor(TokenBook tokens) : IRpcInterceptor
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc/>
    public Task InvokeAsync(RpcContext context, RpcHandler next)
    {
        var path = context.Method.Path;
        var needed = Permissions.Table.GetValueOrDefault(path);
        if (needed == Access.Anybody) return next(context);
        var caller = tokens.Find(TokenOf(context.Http.Request)) ?? throw ApiError.Unauthenticated();
        Require(caller, path, needed);
        caller.Enter(context.Http);
        return next(context);
    }

    /// <summary>Refuses a caller whose role does not reach.</summary>
    /// <exception cref="RpcException">It does not.</exception>
    public static void Require(Caller caller, string path, Access needed)
    {
        if (Permissions.Permits(needed, caller.Role)) return;
        throw ApiError.RoleTooLow(path, NameOf(caller.Role), needed is Access.Viewer or Access.Operator or Access.Admin ? needed.ToString().ToUpperInvariant() : "of an attempt");
    }

    private static string NameOf(Role role) => role.ToString().ToUpperInvariant();

    /// <summary>The token that a request shows; null: none.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }
}
