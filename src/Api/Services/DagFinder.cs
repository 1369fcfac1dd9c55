using System.Collections.Concurrent;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Queries;
using DagVersion = OrleansFlow.Domain.Dags.DagVersion;

namespace OrleansFlow.Api.Services;

/// <summary>Finds DAGs and versions, and keeps the head data of versions, which never change. Thread-safe.</summary>
internal sealed class DagFinder(ApiParts parts)
{
    private const int MostKept = 2000;
    private const string Hint = "ListDags shows those that there are; ApplyDag makes one known.";
    private readonly ConcurrentDictionary<string, VersionFacts> _facts = new(StringComparer.Ordinal);

    /// <summary>A DAG with its counts.</summary>
    /// <exception cref="RpcException">There is no such DAG.</exception>
    public async Task<DagSummary> DagAsync(DagId dag, CancellationToken cancellation) =>
        (await parts.Pages.PageDagsAsync(new DagFilter { Dag = dag, Limit = 1 }, cancellation)).SingleOrDefault() ?? throw NoDag(dag);

    /// <summary>The row of a DAG, for those who need no counts, which take the longer the more runs it has.</summary>
    /// <exception cref="RpcException">There is no such DAG.</exception>
    public async Task<DagHead> HeadAsync(DagId dag, CancellationToken cancellation) =>
        await parts.Pages.FindDagRowAsync(dag, cancellation) ?? throw NoDag(dag);

    /// <summary>A DAG as the API has it.</summary>
    public async Task<Dag> DescribeAsync(DagSummary dag, bool docs, CancellationToken cancellation) =>
        dag.ToProto(await FactsAsync(dag.Head, cancellation), docs);

    /// <summary>A version of a DAG; the hash may be <c>current</c>.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public async Task<(DagHead Dag, DagVersion Version)> VersionAsync(DagId dag, string hash, CancellationToken cancellation)
    {
        var head = await HeadAsync(dag, cancellation);
        var wanted = hash == ResourceName.Current ? head.CurrentHash : hash;
        var version = wanted is null ? null : await parts.Pages.FindVersionAsync(wanted, cancellation);
        return version is not null && version.Dag == dag ? (head, version) : throw NoVersion(dag, hash);
    }

    public static RpcException NoDag(DagId dag) => ApiError.NotFound(ErrorReason.DagNotFound, new Dag(), ResourceNames.Of(dag), Hint);

    /// <summary>What lists show of the current version of a DAG.</summary>
    public async Task<VersionFacts> FactsAsync(DagHead head, CancellationToken cancellation)
    {
        if (head.CurrentHash is not { } hash) return VersionFacts.None;
        if (_facts.TryGetValue(hash, out var known)) return known;
        var version = await parts.Pages.FindVersionAsync(hash, cancellation);
        var facts = version is null ? VersionFacts.None : VersionFacts.Of(CanonicalJson.Read(version.Spec));
        if (_facts.Count >= MostKept) _facts.Clear();
        _facts[hash] = facts;
        return facts;
    }

    private static RpcException NoVersion(DagId dag, string hash) => ApiError.NotFound(
        ErrorReason.DagVersionNotFound, new Contracts.V1.DagVersion(), ResourceNames.OfVersion(dag, hash),
        hash == ResourceName.Current ? "No version of it was applied, only files of it were run." : "ListDagVersions shows those that there are.");
}
