using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Tests.Conformance.Execution;

/// <summary>What the programs of a local attempt may do by its API, without the wire.</summary>
public sealed class LocalDeskTests : IAsyncLifetime
{
    private readonly Desks _desks = new();
    private readonly ConcurrentQueue<(AttemptKey Attempt, TaskProgress? Progress)> _progress = new();
    private readonly string _gate = Path.Combine(Path.GetTempPath(), $"flow-gate-{Guid.NewGuid():N}");
    private readonly LocalProcessHarness _harness;

    public LocalDeskTests() =>
        _harness = new LocalProcessHarness(endpoints: _desks, progress: (attempt, progress) => _progress.Enqueue((attempt, progress)));

    private string Wait => $"until [ -e {_gate} ]; do sleep 0.02; done;";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _harness.DisposeAsync();
        File.Delete(_gate);
    }

    [Fact]
    public async Task Xcoms_ThatWerePut_AreCommitted_UnderThoseOfTheFile()
    {
        var plan = BackendHarness.Shell($"{Wait} echo '{{\"both\": \"file\", \"file\": 3}}' > $FLOW_XCOM");
        var desk = await LaunchAsync(plan);
        desk.PutXcoms(new Dictionary<string, string> { ["put"] = "[1, 2]", ["both"] = "\"put\"", ["again"] = "1" });
        desk.PutXcoms(new Dictionary<string, string> { ["again"] = "{ \"n\" : 2 }" });

        var outputs = await EndAsync(plan);

        outputs.Xcoms.ShouldBe(
            new Dictionary<string, string> { ["put"] = "[1,2]", ["both"] = "\"file\"", ["again"] = "{\"n\":2}", ["file"] = "3" }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("", "1", "1 to 250 characters")]
    [InlineData("a\u0001", "1", "control character")]
    [InlineData("a", "NaN", "not valid JSON")]
    [InlineData("a", "", "not valid JSON")]
    [InlineData("a", "1e999", "too large")]
    [InlineData("a", "\"\\u0000\"", "cannot be stored")]
    public async Task Xcoms_ThatCannotBeStored_AreRefused_AllTogether(string key, string value, string problem)
    {
        var plan = BackendHarness.Shell(Wait);
        var desk = await LaunchAsync(plan);

        var refused = Should.Throw<DeskException>(() => desk.PutXcoms(new Dictionary<string, string> { ["good"] = "1", [key] = value }));

        (refused.Refusal, refused.Field).ShouldBe((DeskRefusal.Invalid, $"values_json[\"{key}\"]"));
        refused.Message.ShouldContain(problem);
        (await EndAsync(plan)).Xcoms.ShouldBeEmpty();
    }

    [Fact]
    public async Task Xcoms_AreBounded_EachAndAltogether()
    {
        var plan = BackendHarness.Shell(Wait);
        var desk = await LaunchAsync(plan);

        Refused("one", new string('x', 48 * 1024)).ShouldContain("$FLOW_XCOM");
        var largest = new string('x', 48 * 1024 - 2);
        for (var i = 0; i < 341; i++) Put($"k{i}", largest);
        Refused("more", largest).ShouldContain("$FLOW_OUTPUTS");
        Put("k0", largest);
        Put("k1", "");
        Put("more", largest);

        (await EndAsync(plan)).Xcoms.Count.ShouldBe(342);

        void Put(string key, string text) => desk.PutXcoms(new Dictionary<string, string> { [key] = $"\"{text}\"" });

        string Refused(string key, string text) => Should.Throw<DeskException>(() => Put(key, text)).Message;
    }

    [Fact]
    public async Task Output_ThatIsUploaded_IsOneThatTheTaskWrote()
    {
        var plan = BackendHarness.Shell($"echo old > $FLOW_OUTPUTS/a; echo ready; {Wait} cat $FLOW_OUTPUTS/a $FLOW_OUTPUTS/d/b") with { RequiredOutputs = ["d/b"] };
        var desk = await LaunchAsync(plan);
        await _harness.SeeLogAsync(plan, "out ready");
        await UploadAsync(desk, "a", "new\n");
        var file = await UploadAsync(desk, "d/b", "deep\n", sha256: Sha256("deep\n"));

        file.ShouldBe(new StagedFile("d/b", 5, Sha256("deep\n"), file.Uri));
        var outputs = await EndAsync(plan);
        _harness.Printed(plan).ShouldBe(["ready", "new", "deep"]);
        outputs.Files.Select(staged => (staged.Name, staged.Size)).ShouldBe([("a", 4L), ("d/b", 5L)]);
        (await _harness.ReadAsync(outputs.Files[0])).ShouldBe("new\n");
    }

    [Theory]
    [InlineData("../x", 1, null, "header.path")]
    [InlineData("/x", 1, null, "header.path")]
    [InlineData("", 1, null, "header.path")]
    [InlineData("_manifest.json", 1, null, "header.path")]
    [InlineData("_xcom/0.json", 1, null, "header.path")]
    [InlineData("out/x", 1, null, "header.path")]
    [InlineData("file/x", 1, null, "header.path")]
    [InlineData("folder", 1, null, "header.path")]
    [InlineData("x", 0, null, "header.size_bytes")]
    [InlineData("x", 2, null, "header.size_bytes")]
    [InlineData("x", -1, null, "header.size_bytes")]
    [InlineData("x", 1, "abc", "header.sha256")]
    [InlineData("x", 1, "0000000000000000000000000000000000000000000000000000000000000000", "header.sha256")]
    public async Task Upload_ThatIsWrong_IsRefused_AndLeavesNothing(string path, long size, string? sha256, string field)
    {
        var plan = BackendHarness.Shell($"ln -s /tmp $FLOW_OUTPUTS/out; touch $FLOW_OUTPUTS/file; mkdir $FLOW_OUTPUTS/folder; echo ready; {Wait} rm $FLOW_OUTPUTS/out");
        var desk = await LaunchAsync(plan);
        await _harness.SeeLogAsync(plan, "out ready");

        var refused = await Should.ThrowAsync<DeskException>(() => UploadAsync(desk, path, "1", size, sha256));

        (refused.Refusal, refused.Field).ShouldBe((DeskRefusal.Invalid, field), refused.Message);
        (await EndAsync(plan)).Files.Select(file => file.Name).ShouldBe(["file"]);
    }

    [Fact]
    public async Task Upload_WaitsForNobody_WhenTheDiskIsNearlyFull()
    {
        var plan = BackendHarness.Shell(Wait);
        var desk = await LaunchAsync(plan);
        _harness.HoldLaunches("the disk is full");

        (await Should.ThrowAsync<DeskException>(() => UploadAsync(desk, "x", "1"))).Refusal.ShouldBe(DeskRefusal.NoRoom);

        _harness.HoldLaunches(null);
        await UploadAsync(desk, "x", "1");
        (await EndAsync(plan)).Files.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Checkpoint_ThatWasUploaded_IsRecorded_AndRestored()
    {
        var first = BackendHarness.Shell($"{Wait} exit 75");
        var desk = await LaunchAsync(first);
        await UploadAsync(desk, "d/model", "state-3", checkpoint: 3);
        (await Should.ThrowAsync<DeskException>(() => desk.SaveCheckpointAsync(4, default))).Message.ShouldContain("no file was uploaded");

        (await desk.SaveCheckpointAsync(3, default)).ShouldBeTrue();
        (await desk.SaveCheckpointAsync(3, default)).ShouldBeTrue("the same call again gets the same answer");
        await UploadAsync(desk, "d/model", "state-2", checkpoint: 2);
        (await desk.SaveCheckpointAsync(2, default)).ShouldBeFalse();

        var saved = await _harness.SeeAsync<CheckpointSaved>(first);
        saved.Number.ShouldBe(3);
        File.WriteAllText(_gate, "");
        await _harness.SeeAsync<AttemptExited>(first);
        var next = BackendHarness.Shell("cat $FLOW_CHECKPOINT/d/model", epoch: 2) with { Checkpoint = new Checkpoint(first.Key.Task, 1, 3, saved.Uri) };
        await _harness.SucceedAsync(next);
        _harness.Printed(next).ShouldBe(["state-3"]);
    }

    [Fact]
    public async Task Checkpoint_ThatIsNotRecorded_IsNotPromised()
    {
        _harness.AcknowledgesCheckpoints = false;
        var plan = BackendHarness.Shell(Wait);
        var desk = await LaunchAsync(plan);
        await UploadAsync(desk, "x", "1", checkpoint: 1);
        (await Should.ThrowAsync<DeskException>(() => desk.SaveCheckpointAsync(1, default))).Refusal.ShouldBe(DeskRefusal.NotRecorded);

        await _harness.AcknowledgeAsync(await _harness.SeeAsync<CheckpointSaved>(plan));
        (await desk.SaveCheckpointAsync(1, default)).ShouldBeTrue();
        await EndAsync(plan);
    }

    [Fact]
    public async Task Stop_IsTold_AndTheDeskIsClosed_AfterTheEnd()
    {
        var plan = BackendHarness.Shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.02; done");
        var desk = await LaunchAsync(plan);
        await _harness.SeeLogAsync(plan, "out ready");
        var (before, changed) = desk.Stop;
        before.ShouldBeNull();

        await _harness.Backend.StopAsync(plan.Key, plan.Uid, StopReason.Cancel, TimeSpan.FromSeconds(30), default);

        await changed.WaitAsync(TimeSpan.FromSeconds(60));
        desk.Stop.Order.ShouldNotBeNull().Reason.ShouldBe(StopReason.Cancel);
        (await _harness.SeeAsync<AttemptExited>(plan)).Exit.ExitCode.ShouldBe(3);
        desk.Closed.IsCancellationRequested.ShouldBeTrue();
        Should.Throw<DeskException>(() => desk.PutXcoms(new Dictionary<string, string> { ["a"] = "1" })).Refusal.ShouldBe(DeskRefusal.Closed);
        (await Should.ThrowAsync<DeskException>(() => UploadAsync(desk, "x", "1"))).Refusal.ShouldBe(DeskRefusal.Closed);
        _desks.Open.ShouldBe(0);
    }

    [Fact]
    public async Task Upload_ThatNeverEnds_KeepsNoAttemptFromItsEnd()
    {
        var plan = BackendHarness.Shell($"{Wait} echo over");
        var desk = await LaunchAsync(plan);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var upload = desk.UploadAsync(new Upload("x", null, 2, null), Endless(), default);
        await started.Task;

        (await EndAsync(plan)).Files.ShouldBeEmpty();
        (await Should.ThrowAsync<DeskException>(() => upload)).Refusal.ShouldBe(DeskRefusal.Closed);

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            yield return "1"u8.ToArray();
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
    }

    [Fact]
    public async Task Progress_IsTold_UntilTheEnd()
    {
        var plan = BackendHarness.Shell(Wait);
        var desk = await LaunchAsync(plan);
        desk.Report(0.5, "half\nof it");
        Should.Throw<DeskException>(() => desk.Report(1.5, "")).Field.ShouldBe("progress.fraction");
        Should.Throw<DeskException>(() => desk.Report(double.NaN, "")).Field.ShouldBe("progress.fraction");
        Should.Throw<DeskException>(() => desk.Report(null, new string('x', 501))).Field.ShouldBe("progress.message");
        await EndAsync(plan);

        var told = _progress.ToArray();
        (told[0].Attempt, told[0].Progress!.Fraction, told[0].Progress!.Message).ShouldBe((plan.Key, 0.5, "half of it"));
        told[^1].ShouldBe((plan.Key, null));
    }

    [Fact]
    public async Task AnAddressThatCannotBeOpened_FailsNoTask()
    {
        _desks.Broken = true;
        var plan = BackendHarness.Shell("echo \"api: ${FLOW_API-none}\"");
        await _harness.SucceedAsync(plan);
        _harness.Printed(plan).ShouldBe(["api: none"]);
        _harness.LogOf(plan).ShouldContain("there is no FLOW_API: it is broken");
    }

    private async Task<IAttemptDesk> LaunchAsync(AttemptPlan plan)
    {
        await _harness.Backend.LaunchAsync(plan, CancellationToken.None);
        return _desks.Of(plan);
    }

    private async Task<StagedOutputs> EndAsync(AttemptPlan plan)
    {
        File.WriteAllText(_gate, "");
        var exit = (await _harness.SeeAsync<AttemptExited>(plan)).Exit;
        exit.ExitCode.ShouldBe(0, _harness.LogOf(plan));
        return exit.Outputs.ShouldNotBeNull(exit.OutputProblem);
    }

    private static Task<StagedFile> UploadAsync(
        IAttemptDesk desk, string path, string text, long? size = null, string? sha256 = null, long? checkpoint = null)
    {
        return desk.UploadAsync(new Upload(path, checkpoint, size ?? text.Length, sha256), Content(), CancellationToken.None);

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Content()
        {
            await Task.Yield();
            foreach (var c in Encoding.UTF8.GetBytes(text)) yield return new[] { c };
        }
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed class Desks : IAttemptEndpoints
    {
        private readonly ConcurrentDictionary<Guid, IAttemptDesk> _desks = new();
        private int _open;

        public int Open => Volatile.Read(ref _open);

        public bool Broken { get; set; }

        public IAttemptDesk Of(AttemptPlan plan) => _desks[plan.Uid];

        IAttemptEndpoint IAttemptEndpoints.Open(IAttemptDesk desk)
        {
            if (Broken) throw new IOException("it is broken");
            _desks[desk.Plan.Uid] = desk;
            Interlocked.Increment(ref _open);
            return new Endpoint(this);
        }

        private sealed class Endpoint(Desks desks) : IAttemptEndpoint
        {
            public string Address => "unix:///nowhere";

            public void Dispose() => Interlocked.Decrement(ref desks._open);
        }
    }
}
