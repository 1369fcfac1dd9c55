using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Rpc.Server;

/// <summary>Puts services onto Kestrel.</summary>
public static class RpcEndpoints
{
    /// <summary>Serves methods under <c>/package.Service/Method</c> by gRPC, gRPC-web and Connect. To be called once.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="options">How calls are answered.</param>
    /// <param name="services">Every service, with its handlers.</param>
    /// <exception cref="InvalidOperationException">A service or an option is wrong; the message names all that is.</exception>
    public static IEndpointConventionBuilder MapRpc(this IEndpointRouteBuilder endpoints, RpcServerOptions options, params RpcService[] services)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        var provider = endpoints.ServiceProvider;
        Check(options, services, provider.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout);
        var stopping = provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("OrleansFlow.Rpc");
        return Map(endpoints, new RpcServer(options, services, logger, stopping), services);
    }

    /// <summary>Serves methods with the default options.</summary>
    /// <inheritdoc cref="MapRpc(IEndpointRouteBuilder, RpcServerOptions, RpcService[])"/>
    public static IEndpointConventionBuilder MapRpc(this IEndpointRouteBuilder endpoints, params RpcService[] services) =>
        endpoints.MapRpc(new RpcServerOptions(), services);

    /// <summary>
    /// Kestrel's limits as calls need them: a slow reader holds back its own stream and never costs the other calls of the connection; dead
    /// connections are found by a ping after 30 s of silence, answered within 20 s.
    /// </summary>
    /// <param name="kestrel">The server.</param>
    public static void UseRpcLimits(this KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    internal static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, RpcServer server, RpcService[] services)
    {
        var group = endpoints.MapGroup("");
        foreach (var handler in services.SelectMany(service => service.Handlers))
        {
            group.Map(handler.Method.Path, server.Serve(handler)).WithDisplayName(handler.Method.Path);
        }

        MapUnknown(group, server);
        return group;
    }

    internal static void Check(RpcServerOptions options, RpcService[] services, TimeSpan? shutdownTimeout)
    {
        var twice = services.GroupBy(service => service.Descriptor.FullName, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key} is mapped {group.Count()} times.");
        List<string> problems = [.. options.Problems(shutdownTimeout), .. twice, .. services.SelectMany(service => service.Problems())];
        if (problems.Count == 0) return;
        throw new InvalidOperationException("The services cannot be served:" + string.Concat(problems.Select(problem => "\n  " + problem)));
    }

    /// <summary>Whatever no other endpoint takes: a call of something unknown gets an answer of its protocol, all else a plain 404.</summary>
    // It names nothing of what there is: nobody has asked who is calling.
    private static void MapUnknown(RouteGroupBuilder group, RpcServer server)
    {
        var unknown = group.MapPost("/{service}/{method}", (HttpContext http, string service, string method) =>
        {
            if (Negotiation.KindOf(http.Request.ContentType) is not { } kind)
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            return server.RefuseAsync(http, kind, $"There is no method '{Short(service)}/{Short(method)}' here. The server's reflection lists those that there are.");
        });
        unknown.Add(builder => ((RouteEndpointBuilder)builder).Order = int.MaxValue);
    }

    private static string Short(string name) => name.Length <= 100 ? name : name[..100] + "...";
}
