using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <content>DAGs.</content>
public sealed partial class FlowClient
{
    /// <summary>Checks a DAG without changing anything. Problems are the answer, not an error.</summary>
    /// <param name="dag">A DAG that was built, or a file.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<DagReport> ValidateAsync(DagInput dag, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dag);
        return _caller.CallAsync(DagMethods.Validate, new ValidateDagRequest { Source = dag.Source }, cancellation);
    }

    /// <summary>Makes a version the current one and starts its schedule; the DAG becomes known if it was not.</summary>
    /// <param name="dag">A DAG that was built, or a file.</param>
    /// <param name="validateOnly">Only say what would change.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.InvalidDagException">The DAG has errors; of many the first are listed.</exception>
    public Task<ApplyDagResponse> ApplyAsync(
        DagInput dag, bool validateOnly = false, CommandOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dag);
        return _caller.CallAsync(
            DagMethods.Apply,
            new ApplyDagRequest
            {
                Source = dag.Source,
                ValidateOnly = validateOnly,
                Why = options?.Why ?? "",
                RequestId = _caller.RequestId(options),
            },
            cancellation);
    }

    /// <summary>A DAG with its current version's head data and its last run.</summary>
    /// <param name="dag">Which.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Errors.FlowNotFoundException">There is none.</exception>
    public Task<Dag> GetDagAsync(DagId dag, CancellationToken cancellation = default) =>
        _caller.CallAsync(DagMethods.Get, new GetDagRequest { Name = ResourceNames.Of(dag) }, cancellation);

    /// <summary>DAGs in the order of their ids.</summary>
    /// <param name="query">Which; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<Dag> ListDagsAsync(DagQuery? query = null, CancellationToken cancellation = default)
    {
        return _caller.PagesAsync(DagMethods.List, Page, page => page.Dags, page => page.NextPageToken, cancellation);

        ListDagsRequest Page(string token)
        {
            var request = new ListDagsRequest { PageToken = token, Owner = query?.Owner ?? "", Tags = { query?.Tags ?? [] } };
            if (query?.Paused is { } paused) request.Paused = paused;
            return request;
        }
    }

    /// <summary>A version with its tasks and its canonical specification.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="version">Its hash; null: the current one.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Errors.FlowNotFoundException">There is none.</exception>
    public Task<DagVersion> GetDagVersionAsync(DagId dag, string? version = null, CancellationToken cancellation = default) =>
        _caller.CallAsync(DagMethods.GetVersion, new GetDagVersionRequest { Name = ResourceNames.OfVersion(dag, version) }, cancellation);

    /// <summary>The versions of a DAG, newest first, without tasks and specification.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<DagVersion> ListDagVersionsAsync(DagId dag, CancellationToken cancellation = default) => _caller.PagesAsync(
        DagMethods.ListVersions,
        token => new ListDagVersionsRequest { Parent = ResourceNames.Of(dag), PageToken = token },
        page => page.DagVersions,
        page => page.NextPageToken,
        cancellation);

    /// <summary>The JSON schema of DAG files, for editors.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task<string> GetDagSchemaAsync(CancellationToken cancellation = default) =>
        (await _caller.CallAsync(DagMethods.GetSchema, new GetDagSchemaRequest(), cancellation)).SchemaJson;

    /// <summary>Stops the schedule of a DAG and keeps its queued runs in the queue.</summary>
    /// <param name="dag">Which.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such DAG.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<PauseDagResponse> PauseAsync(DagId dag, CommandOptions? options = null, CancellationToken cancellation = default) =>
        _caller.CallAsync(
            DagMethods.Pause,
            new PauseDagRequest { Name = ResourceNames.Of(dag), Why = options?.Why ?? "", RequestId = _caller.RequestId(options) },
            cancellation);

    /// <summary>Lets a paused DAG go on; what fell due meanwhile is made up for as its schedule says.</summary>
    /// <param name="dag">Which.</param>
    /// <param name="options">Why, and the request id.</param>
    /// <param name="cancellation">Gives up; the command may have been done.</param>
    /// <exception cref="Errors.FlowUnavailableException">No server answered, or none could do it; it may have been done: repeat it with its request id.</exception>
    /// <exception cref="Errors.FlowAccessException">The server does not know the token, or its role is too low.</exception>
    /// <exception cref="Errors.FlowNotFoundException">There is no such DAG.</exception>
    /// <exception cref="Errors.FlowException">The server refuses it; the reason says why.</exception>
    public Task<UnpauseDagResponse> UnpauseAsync(DagId dag, CommandOptions? options = null, CancellationToken cancellation = default) =>
        _caller.CallAsync(
            DagMethods.Unpause,
            new UnpauseDagRequest { Name = ResourceNames.Of(dag), Why = options?.Why ?? "", RequestId = _caller.RequestId(options) },
            cancellation);
}
