using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Client;

/// <summary>
/// Applies, runs and follows DAGs of a server. Answers are the messages of the API. Failures are <see cref="Errors.FlowException"/>; what
/// the caller cancels is <see cref="OperationCanceledException"/>. Calls are repeated where that is safe; commands carry a request id, so
/// that a repeat does not do them twice. Streams come back after a lost connection and go on where they were. Thread-safe; one for a whole
/// program.
/// </summary>
public sealed partial class FlowClient : IDisposable
{
    private readonly Caller _caller;

    /// <summary>Makes a client; it connects with the first call.</summary>
    /// <param name="options">Where to call and how.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names all that are.</exception>
    public FlowClient(FlowClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _caller = new Caller(options);
    }

    /// <summary>Makes a client of one server.</summary>
    /// <param name="address">See <see cref="FlowClientOptions.Addresses"/>.</param>
    /// <param name="token">The bearer token; null: none.</param>
    public FlowClient(string address, string? token = null)
        : this(new FlowClientOptions { Addresses = { address }, Token = token })
    {
    }

    /// <summary>The pools by name.</summary>
    public IAsyncEnumerable<Pool> ListPoolsAsync(CancellationToken cancellation = default) => _caller.PagesAsync(
        PoolMethods.List, token => new ListPoolsRequest { PageToken = token }, page => page.Pools, page => page.NextPageToken, cancellation);

    /// <summary>A pool with what is used of it and how many wait.</summary>
    /// <param name="pool">Its id.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Pool> GetPoolAsync(string pool, CancellationToken cancellation = default) =>
        _caller.CallAsync(PoolMethods.Get, new GetPoolRequest { Name = ResourceNames.OfPool(pool) }, cancellation);

    /// <summary>Sets the slots of a pool; makes it when there is none.</summary>
    /// <param name="pool">Its id.</param>
    /// <param name="slots">Zero or more. Fewer than are used end no task: nothing new starts until enough have ended.</param>
    /// <param name="description">One line for people; null keeps it.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<Pool> SetPoolAsync(
        string pool, int slots, string? description = null, CommandOptions? options = null, CancellationToken cancellation = default)
    {
        var request = new UpdatePoolRequest
        {
            Pool = new Pool { Name = ResourceNames.OfPool(pool), Slots = slots, Description = description ?? "" },
            UpdateMask = new() { Paths = { "slots" } },
            AllowMissing = true,
            Why = options?.Why ?? "",
            RequestId = _caller.RequestId(options),
        };
        if (description is not null) request.UpdateMask.Paths.Add("description");
        return _caller.CallAsync(PoolMethods.Update, request, cancellation);
    }

    /// <summary>Versions, limits, what is switched on, and whom the server takes the caller for.</summary>
    public Task<SystemInfo> GetSystemInfoAsync(CancellationToken cancellation = default) =>
        _caller.CallAsync(SystemMethods.Info, new GetSystemInfoRequest(), cancellation);

    /// <summary>How the host that answers is, part by part.</summary>
    public Task<Health> GetHealthAsync(CancellationToken cancellation = default) =>
        _caller.CallAsync(SystemMethods.Health, new GetHealthRequest(), cancellation);

    /// <summary>The hosts that have registered, those in charge first.</summary>
    public IAsyncEnumerable<Contracts.V1.Host> ListHostsAsync(CancellationToken cancellation = default) => _caller.PagesAsync(
        SystemMethods.ListHosts, token => new ListHostsRequest { PageToken = token }, page => page.Hosts, page => page.NextPageToken, cancellation);

    /// <summary>Closes all connections; calls in progress fail.</summary>
    public void Dispose() => _caller.Dispose();
}
