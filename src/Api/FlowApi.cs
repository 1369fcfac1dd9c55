using OrleansFlow.Api.Attempts;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Services;
using OrleansFlow.Api.Validation;
using OrleansFlow.Api.Watching;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Api;

/// <summary>Puts the API together.</summary>
public static class FlowApi
{
    /// <summary>Every service of <c>orleansflow.v1</c>.</summary>
    /// <param name="parts">What they are made of.</param>
    public static RpcService[] Services(ApiParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var dags = new DagFinder(parts);
        var runs = new RunFinder(parts);
        var feeds = new RunFeeds(parts);
        var runApi = new RunApi(parts, dags, runs, feeds);
        return
        [
            new DagApi(parts, dags).Service(),
            runApi.Service(),
            new TaskApi(parts, runs, runApi).Service(),
            new LogApi(parts, runs, feeds).Service(),
            new PoolApi(parts).Service(),
            CapacityApi.Service(),
            AttemptApi.NotOffered(),
            new SystemApi(parts).Service(),
        ];
    }

    /// <summary>What is served at the addresses of attempts, where each connection has an <see cref="AttemptCaller"/> among its features.</summary>
    public static RpcService[] AttemptServices() => [AttemptApi.Service()];

    /// <summary>How calls of attempts are answered. They need no token: their address is the proof.</summary>
    /// <param name="incident">See <see cref="ApiParts.Incident"/>.</param>
    /// <param name="time">Time.</param>
    public static RpcServerOptions AttemptOptions(Func<string, Exception, string> incident, TimeProvider time) => new()
    {
        MaxReceiveMessageSize = 1024 * 1024,
        DrainLimit = TimeSpan.FromSeconds(1),
        Tell = ErrorTeller.Tell,
        Interceptors = [new ErrorInterceptor(incident), new AttemptInterceptor()],
        Time = time,
    };

    /// <summary>How calls are answered: who may call, what callers see of errors, and what they may use.</summary>
    /// <param name="parts">The same parts.</param>
    public static RpcServerOptions Options(ApiParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new RpcServerOptions
        {
            MaxReceiveMessageSize = parts.Limits.MaxMessageBytes,
            DrainLimit = TimeSpan.FromSeconds(3),
            UnaryTimeout = parts.Limits.UnaryTimeout,
            MaxUnaryTimeout = parts.Limits.MaxUnaryTimeout,
            ReaderPatience = parts.Limits.ReaderPatience,
            Inspect = RequestText.Check,
            Tell = ErrorTeller.Tell,
            Interceptors = [new ErrorInterceptor(parts.Incident), new AccessInterceptor(parts.Tokens)],
            Time = parts.Time,
        };
    }
}
