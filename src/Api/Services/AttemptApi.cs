using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Attempts;
using OrleansFlow.Api.Mapping;
using OrleansFlow.Api.Names;
using OrleansFlow.Api.Validation;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Api.Services;

/// <summary>The side of attempts, at the address that each has of its own (<c>FLOW_API</c>). The server's own ports do not offer it.</summary>
internal static class AttemptApi
{
    /// <summary>The feature's id.</summary>
    public const string Feature = "attempt_service";

    /// <summary>What it is and how it is switched on.</summary>
    public const string Hint = "On a server's ports it is for agents beside tasks in pods, which this server does not run; "
        + "tasks that run as local processes reach it at the address in FLOW_API.";

    private const int MaxPieceBytes = 256 * 1024;
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(10);

    /// <summary>The service on a server's own ports.</summary>
    public static RpcService NotOffered() => RpcService.For(AttemptServiceReflection.Descriptor.Services[0]).NotOffered(
        "StartAttempt", "Heartbeat", "WatchAttempt", "ReportProgress", "PutXcoms", "UploadFile", "SaveCheckpoint", "CompleteAttempt");

    /// <summary>The service at the addresses of attempts.</summary>
    public static RpcService Service() => RpcService.For(AttemptServiceReflection.Descriptor.Services[0])
        .Unary<StartAttemptRequest, StartAttemptResponse>("StartAttempt", (request, context) => Task.FromResult(Start(DeskOf(context, request.Attempt))))
        .Unary<HeartbeatRequest, HeartbeatResponse>("Heartbeat", (request, context) => Task.FromResult(Beat(DeskOf(context, request.Attempt), request)))
        .ServerStreaming<WatchAttemptRequest, WatchAttemptResponse>("WatchAttempt", WatchAsync)
        .Unary<ReportProgressRequest, ReportProgressResponse>("ReportProgress", (request, context) => Task.FromResult(Report(DeskOf(context, request.Attempt), request)))
        .Unary<PutXcomsRequest, PutXcomsResponse>("PutXcoms", (request, context) => Task.FromResult(Put(DeskOf(context, request.Attempt), request)))
        .ClientStreaming<UploadFileRequest, UploadFileResponse>("UploadFile", UploadAsync)
        .Unary<SaveCheckpointRequest, SaveCheckpointResponse>("SaveCheckpoint", SaveAsync)
        .Unary<CompleteAttemptRequest, CompleteAttemptResponse>("CompleteAttempt", (request, context) => throw AttemptErrors.EndIsSeen(DeskOf(context, request.Attempt)));

    private static StartAttemptResponse Start(IAttemptDesk desk)
    {
        var plan = desk.Plan;
        var inputs = new AttemptInputs { ValuesJson = { ["FLOW_PARAMS"] = plan.Params } };
        if (plan.MapItem is { } item) inputs.ValuesJson["FLOW_MAP_ITEM"] = item;
        inputs.Files.AddRange(plan.Inputs
            .OrderBy(input => input.Key, StringComparer.Ordinal)
            .Select(input => new InputFile { Name = input.Key, Artifact = input.Value.ToProto() }));
        if (plan.Checkpoint is { } saved) inputs.Checkpoint = new CheckpointFiles { Number = saved.Number, Epoch = saved.Epoch, Uri = saved.Uri };
        return new StartAttemptResponse
        {
            Decision = GateDecision.Proceed,
            Inputs = inputs,
            HeartbeatInterval = Duration.FromTimeSpan(BeatEvery),
            GracePeriod = Duration.FromTimeSpan(plan.GracePeriod),
            CheckpointInterval = Duration.FromTimeSpan(desk.CheckpointEvery),
            RequiredOutputs = { plan.RequiredOutputs ?? [] },
        };
    }

    private static HeartbeatResponse Beat(IAttemptDesk desk, HeartbeatRequest request)
    {
        if (request.Progress is { } progress) Report(desk, progress);
        return new HeartbeatResponse { Stop = ToProto(desk.Stop.Order), HeartbeatInterval = Duration.FromTimeSpan(BeatEvery) };
    }

    private static async IAsyncEnumerable<WatchAttemptResponse> WatchAsync(WatchAttemptRequest request, RpcContext context)
    {
        await foreach (var order in StopNews.OfAsync(DeskOf(context, request.Attempt), context.Cancellation))
            yield return new WatchAttemptResponse { Stop = ToProto(order) };
    }

    private static ReportProgressResponse Report(IAttemptDesk desk, ReportProgressRequest request)
    {
        if (request.Progress is null) throw Missing("progress", "how far it is, as {\"fraction\": 0.5, \"message\": \"half\"}");
        Report(desk, request.Progress);
        return new ReportProgressResponse();
    }

    private static void Report(IAttemptDesk desk, TaskProgress progress) =>
        desk.Report(progress.HasFraction ? progress.Fraction : null, progress.Message);

    private static PutXcomsResponse Put(IAttemptDesk desk, PutXcomsRequest request)
    {
        if (request.ValuesJson.Count == 0) throw Missing("values_json", "JSON by key, as {\"rows\": \"42\"}");
        desk.PutXcoms(request.ValuesJson);
        return new PutXcomsResponse();
    }

    private static async Task<UploadFileResponse> UploadAsync(IAsyncEnumerable<UploadFileRequest> requests, RpcContext context)
    {
        await using var parts = requests.GetAsyncEnumerator(context.Cancellation);
        if (!await parts.MoveNextAsync() || parts.Current.Header is not { } header)
            throw Missing("header", "the first message says what comes: path, size_bytes");
        var desk = DeskOf(context, header.Attempt);
        var upload = new Upload(
            header.Path, header.HasCheckpoint ? header.Checkpoint : null, header.SizeBytes, header.Sha256.Length == 0 ? null : header.Sha256);
        var file = await desk.UploadAsync(upload, ContentAsync(parts), context.Cancellation);
        return new UploadFileResponse { File = new StagedFile { Path = file.Name, SizeBytes = file.Size, Sha256 = file.Sha256, Uri = file.Uri } };
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ContentAsync(
        IAsyncEnumerator<UploadFileRequest> parts, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await parts.MoveNextAsync().AsTask().WaitAsync(cancellation))
        {
            if (parts.Current.PartCase != UploadFileRequest.PartOneofCase.Data) throw Missing("data", "every message after the first carries bytes, and no header");
            if (parts.Current.Data.Length > MaxPieceBytes) throw AttemptErrors.TooLarge(parts.Current.Data.Length, MaxPieceBytes);
            yield return parts.Current.Data.Memory;
        }
    }

    private static async Task<SaveCheckpointResponse> SaveAsync(SaveCheckpointRequest request, RpcContext context) =>
        new() { Advanced = await DeskOf(context, request.Attempt).SaveCheckpointAsync(request.Number, context.Cancellation) };

    // What the request says of itself may be left out; it must not say something else.
    private static IAttemptDesk DeskOf(RpcContext context, AttemptIdentity? who)
    {
        var desk = AttemptInterceptor.Of(context).Desk;
        var plan = desk.Plan;
        var name = ResourceNames.Of(plan.Key);
        if (desk.Closed.IsCancellationRequested) throw AttemptErrors.Stale(desk, $"{name} has ended");
        if (who is { Name.Length: > 0 } && who.Name != name) throw Other(desk, $"{name}, not {who.Name}");
        if (who is { Uid.Length: > 0 } && (!Guid.TryParse(who.Uid, out var uid) || uid != plan.Uid)) throw Other(desk, $"the attempt {plan.Uid:D}, not {who.Uid}");
        return desk;
    }

    private static Rpc.RpcException Other(IAttemptDesk desk, string which) =>
        AttemptErrors.Stale(desk, $"this address speaks for {which}: leave 'attempt' out, and read FLOW_API anew in each attempt");

    private static Rpc.RpcException Missing(string field, string form)
    {
        var check = new RequestCheck();
        check.Add(field, "REQUIRED", $"it is required: {form}");
        return check.Refusal(ErrorReason.InvalidRequest);
    }

    private static StopNotice? ToProto(StopOrder? order) => order is null ? null : new StopNotice
    {
        Reason = order.Reason.ToProto(),
        Detail = order.Detail,
        Deadline = order.Deadline.ToProto(),
    };
}
