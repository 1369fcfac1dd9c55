using System.Net;
using System.Text;
using System.Text.Json;
using OrleansFlow.Domain.History;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.Replicas;
using OrleansFlow.Tests.Unit.Cli.Fakes;

namespace OrleansFlow.Tests.Unit.Standalone;

/// <summary>Commands that come to a host which may not be in charge.</summary>
public sealed class SwitchingPeersTests
{
    private static readonly DagId Dag = new("credit");
    private readonly FakeEngines _here = Sample.World();
    private readonly Queue<Func<HttpRequestMessage, string, HttpResponseMessage>> _answers = [];
    private readonly List<(string Path, string Body)> _asked = [];
    private IPeers? _inCharge;
    private string? _active = "http://other:1";

    [Fact]
    public async Task InCharge_TheCommandIsDoneHere()
    {
        _inCharge = _here;

        (await Peers().Dag(Dag).SetPausedAsync(new SetPaused(true), CancellationToken.None)).Changed.ShouldBeTrue();

        _here.Asked.ShouldBe(["pause credit"]);
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task StandingBy_TheCommandIsHandedOn_WithWhoGaveIt()
    {
        Answer(HttpStatusCode.OK, """{"Known":true,"Changed":true,"Later":"a field of the next release"}""");
        var command = new SetPaused(true) { By = new Origin("ann", "10.0.0.9", "r-1", "maintenance") };

        (await Peers().Dag(Dag).SetPausedAsync(command, CancellationToken.None)).ShouldBe(new PauseSet(true, true));

        var (path, body) = _asked.ShouldHaveSingleItem();
        path.ShouldBe("/flow.peers/dag/set_paused?key=credit");
        JsonSerializer.Deserialize<SetPaused>(body, PeerCommands.Json).ShouldBe(command);
    }

    [Fact]
    public async Task WhileNobodyIsInCharge_TheCommandWaits_AndIsAlwaysTheSameRequest()
    {
        Answer(HttpStatusCode.MisdirectedRequest, "this host is not in charge");
        _answers.Enqueue((_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        _answers.Enqueue((_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded, "it died with the answer"));
        Answer(HttpStatusCode.ServiceUnavailable, "PostgreSQL is away", "store_Unavailable");
        Answer(HttpStatusCode.OK, JsonSerializer.Serialize(new RunTriggered(new RunId("manual-1"), null), PeerCommands.Json));

        var reply = await Peers().Dag(Dag).TriggerAsync(new TriggerRun { Run = new RunId("manual-1") }, CancellationToken.None);

        reply.Run.ShouldBe(new RunId("manual-1"));
        var ids = _asked.Select(asked => JsonSerializer.Deserialize<TriggerRun>(asked.Body, PeerCommands.Json)!.By.RequestId).ToArray();
        ids.Length.ShouldBe(5);
        ids.Distinct().ShouldHaveSingleItem().ShouldBe("id-1");
    }

    [Fact]
    public async Task ACommandThatWaits_IsDoneHere_OnceItIsThisHostsTurn()
    {
        _active = null;
        var looks = 0;
        var peers = Peers(() => ++looks > 2 ? _here : null);

        await peers.Dag(Dag).SetPausedAsync(new SetPaused(true), CancellationToken.None);

        _here.Asked.ShouldBe(["pause credit"]);
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACallerWhoGivesUp_IsNotKept()
    {
        _active = null;
        using var stop = new CancellationTokenSource();
        var waiting = Peers().Dag(Dag).SetPausedAsync(new SetPaused(true), stop.Token);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    [Fact]
    public async Task ARequestThatWasUsedBefore_IsRefusedHereAsThere()
    {
        Answer(HttpStatusCode.Conflict, """["r-1","pause a","pause b"]""", "request_reused");

        var refused = await Should.ThrowAsync<RequestReusedException>(Peers().Dag(Dag).SetPausedAsync(new SetPaused(true), CancellationToken.None));

        (refused.Id, refused.Before, refused.Now).ShouldBe(("r-1", "pause a", "pause b"));
    }

    [Fact]
    public async Task ADefectOfTheOther_IsNotTriedAgain()
    {
        Answer(HttpStatusCode.InternalServerError, "a defect of the host in charge: its log has it as abc");

        (await Should.ThrowAsync<PeerException>(Peers().Dag(Dag).SetPausedAsync(new SetPaused(true), CancellationToken.None)))
            .Message.ShouldContain("its log has it as abc");
    }

    [Fact]
    public Task WhatCoordinatorsTellEachOther_NeverLeavesTheHostInCharge() =>
        Should.ThrowAsync<FencedException>(Peers().Task(new TaskKey(new RunId("r"), new TaskId("t"), -1)).WakeAsync(new Wake(null), CancellationToken.None));

    [Fact]
    public async Task EveryCommand_ReachesItsCoordinator()
    {
        var run = Sample.Live;
        foreach (var (name, key, message) in new (string, string, UserCommand)[]
        {
            (PeerCommands.Apply, "credit", new ApplyDag("hash", "{}", "/dags/credit.yaml")),
            (PeerCommands.SetPaused, "credit", new SetPaused(true)),
            (PeerCommands.Trigger, "credit", new TriggerRun { Run = new RunId("manual-2") }),
            (PeerCommands.Cancel, run.Value, new CancelRun()),
            (PeerCommands.Clear, run.Value, new ClearTasks { Tasks = [new TaskId("train")], Downstream = true }),
            (PeerCommands.SetSlots, "a pool/of %41 ours", new SetSlots(3)),
        })
        {
            PeerCommands.Has(name).ShouldBeTrue();
            PeerCommands.NameOf(message).ShouldBe(name);
            using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), PeerCommands.Json));
            await PeerCommands.DoAsync(_here, name, key, body, CancellationToken.None);
        }

        _here.Asked.ShouldBe(
        [
            "apply credit credit.yaml", "pause credit", "trigger credit manual-2", $"cancel {run}", $"clear {run} train downstream", "pool a pool/of %41 ours 3",
        ]);
    }

    [Theory]
    [InlineData(StoreFailure.Unavailable)]
    [InlineData(StoreFailure.OutcomeUnknown)]
    public void AFailureOfTheStore_IsTheSameOnBothSides(StoreFailure failure)
    {
        var (status, reason, text) = PeerFailure.Describe(new StoreException(failure, "it is away")).ShouldNotBeNull();
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.Add(PeerLink.ReasonHeader, reason);

        var read = PeerFailure.Read(response, Encoding.UTF8.GetBytes(text)).ShouldBeOfType<StoreException>();

        (read.Failure, read.Message).ShouldBe((failure, "it is away"));
    }

    private SwitchingPeers Peers(Func<IPeers?>? inCharge = null)
    {
        var ids = 0;
        return new SwitchingPeers(
            inCharge ?? (() => _inCharge),
            _ => Task.FromResult(_active),
            new PeerLink(new HttpClient(new Other(this)), "secret", TimeProvider.System),
            () => $"id-{++ids}",
            TimeProvider.System);
    }

    private void Answer(HttpStatusCode status, string body, string? reason = null) => _answers.Enqueue((_, _) =>
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
        if (reason is not null) response.Headers.Add(PeerLink.ReasonHeader, reason);
        return response;
    });

    /// <summary>The other host.</summary>
    private sealed class Other(SwitchingPeersTests test) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            test._asked.Add((request.RequestUri!.PathAndQuery, body));
            return test._answers.Dequeue()(request, body);
        }
    }
}
