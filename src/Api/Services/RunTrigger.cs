using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Api.Errors;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Security;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using RunKind = OrleansFlow.Domain.Runs.RunKind;

namespace OrleansFlow.Api.Services;

/// <summary>Makes runs.</summary>
internal sealed class RunTrigger(ApiParts parts, DagFinder dags)
{
    private readonly CommandDesk _desk = new(parts);

    public async Task<Run> TriggerAsync(TriggerRunRequest request, RpcContext context)
    {
        var wanted = Check(request);
        if (request.TargetCase == TriggerRunRequest.TargetOneofCase.Source)
            AccessInterceptor.Require(Caller.Of(context), context.Method.Path, Access.Admin);
        var (spec, dag, hash, version) = await TargetAsync(request, wanted.Dag, context);
        var asked = Asked(request);
        if (await AnswerAsync(request.RequestId, dag, asked, context.Cancellation) is { } before) return before;
        var given = Params(request, spec, dag, hash);
        var run = request.RunId.Length > 0
            ? wanted.Run
            : RunId.Create(RunKind.Manual, wanted.LogicalDate ?? parts.Time.GetUtcNow(), parts.NewSuffix());
        var reply = await _desk.AskAsync(context, request.RequestId, request.Why, (by, cancellation) => parts.Peers.Dag(dag).TriggerAsync(
            new TriggerRun
            {
                Run = run,
                LogicalDate = wanted.LogicalDate,
                Params = given,
                Version = version,
                Asked = asked,
                By = by,
            },
            cancellation));
        if (reply.Exists) throw ApiError.RunExists(run);
        if (reply.Run is not { } made)
            throw ApiError.Precondition(ErrorReason.CommandRefused, ResourceNames.Of(dag), reply.Problem ?? "the DAG refused to make a run");
        return await RunAsync(made, context.Cancellation);
    }

    private async Task<Run> RunAsync(RunId made, CancellationToken cancellation) =>
        (await parts.Pages.FindRunAsync(made, cancellation) ?? throw RunFinder.NoRun(made)).ToProto();

    // Before parameters are looked at: the version that is current by now may ask for others.
    private async Task<Run?> AnswerAsync(string requestId, DagId dag, string asked, CancellationToken cancellation)
    {
        if (requestId.Length == 0 || await parts.Pages.FindRequestAsync(requestId, cancellation) is not { } record) return null;
        var answer = new TriggerRun { Run = default, Asked = asked }.AnswerIn(record, RowKey.Of(dag));
        return answer?.Run is { } made ? await RunAsync(made, cancellation) : null;
    }

    private static string Asked(TriggerRunRequest request)
    {
        var essence = request.Clone();
        (essence.RequestId, essence.Why) = ("", "");
        try
        {
            var text = CanonicalJson.Write(JsonValues.Read(essence));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
        catch (InvalidOperationException wrong)
        {
            // A value of no kind, which only binary messages can hold.
            var check = new RequestCheck();
            check.Add("params", "MALFORMED", $"they are no JSON: {wrong.Message}");
            check.ThrowIfWrong();
            throw;
        }
    }

    private static (DagId Dag, RunId Run, DateTimeOffset? LogicalDate) Check(TriggerRunRequest request)
    {
        var check = new RequestCheck();
        DagId dag = default;
        if (request.TargetCase == TriggerRunRequest.TargetOneofCase.None)
            check.Add("dag", "REQUIRED", $"what to run is required: {ResourceNames.DagForm}, or a source");
        else if (request.TargetCase == TriggerRunRequest.TargetOneofCase.Dag)
            dag = check.Read("dag", request.Dag, ResourceNames.DagForm, ResourceNames.Dag);
        var date = check.Instant("logical_date", request.LogicalDate);
        if (request.RunId.Length > 0 && IdRules.Problem(request.RunId) is { } problem) check.Add("run_id", "MALFORMED", problem);
        foreach (var name in request.ParamTexts.Keys.Where(name => request.Params?.Fields.ContainsKey(name) == true).Order(StringComparer.Ordinal))
            check.Add($"param_texts.{name}", "MALFORMED", "it is in params too; give it once");
        check.Command(request.Why, request.RequestId);
        check.ThrowIfWrong();
        return (dag, new RunId(request.RunId), date);
    }

    private async Task<(DagSpec Spec, DagId Dag, string Hash, ApplyDag? Version)> TargetAsync(TriggerRunRequest request, DagId dag, RpcContext context)
    {
        if (request.TargetCase == TriggerRunRequest.TargetOneofCase.Source)
        {
            var read = DagReading.Read(request.Source, "source");
            var version = read.Valid();
            return (version.Spec, version.Spec.Id, version.Hash, new ApplyDag(version.Hash, version.Canonical, read.SourceFile));
        }

        var (_, current) = await dags.VersionAsync(dag, ResourceName.Current, context.Cancellation);
        return (CanonicalJson.Read(current.Spec), dag, current.Hash, null);
    }

    /// <summary>What was given, as one JSON object; null when nothing was.</summary>
    /// <exception cref="Rpc.RpcException">It is not what the DAG asks for.</exception>
    private static string? Params(TriggerRunRequest request, DagSpec spec, DagId dag, string hash)
    {
        var given = ParamValidator.ReadTexts(spec.Params, request.ParamTexts);
        var values = request.Params is { } fields ? JsonValues.Read(fields) : [];
        foreach (var (name, value) in values) given[name] = value?.DeepClone();
        var check = new RequestCheck();
        foreach (var problem in ParamValidator.Merge(spec.Params, given).Problems)
            check.Add(FieldOf(problem, request), "INVALID", problem.Message);
        check.ThrowIfWrong(
            ErrorReason.InvalidParams, ("dag", ResourceNames.Of(dag)), ("version", ResourceNames.OfVersion(dag, hash)));
        return given.Count == 0 ? null : CanonicalJson.Write(given);
    }

    private static string FieldOf(SpecProblem problem, TriggerRunRequest request) =>
        problem.At is [_, var name, ..] && request.ParamTexts.ContainsKey(name) ? "param_texts" + problem.Path["params".Length..] : problem.Path;
}
