using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Grains.Abstractions;
using OrleansFlow.Grains.Hosting;
using OrleansFlow.Scheduling.Coordinators;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Tests.Cluster.Grains.Hosting;

public class GrainPeersTests
{
    private static readonly TaskKey s_task = new(new RunId("manual-1"), new TaskId("a"));

    public static TheoryData<Exception> OfTheWay =>
    [
        new TimeoutException(), new SiloUnavailableException("it stops"),
        new OperationCanceledException("another host stops"), new FencedException("another host was replaced"),
    ];

    [Theory]
    [MemberData(nameof(OfTheWay))]
    public async Task Call_ThatFailedOnItsWay_IsMadeAgain(Exception failure)
    {
        var grain = new FailingGrain(failure, failure);
        (await grain.Peers(null).Run(s_task.Run).StartAsync(new StartRun(), default)).Admitted.ShouldBeTrue();
        grain.Calls.ShouldBe(["StartAsync", "StartAsync", "StartAsync"]);
    }

    [Fact]
    public async Task Refusal_IsTheAnswer()
    {
        var grain = new FailingGrain(new InvalidOperationException("there is no run"));
        await grain.Peers(null).Run(s_task.Run).StartAsync(new StartRun(), default).ShouldThrowAsync<InvalidOperationException>();
        grain.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Caller_WhosePatienceEnds_LearnsWhy()
    {
        var grain = new FailingGrain([.. Enumerable.Repeat(new TimeoutException("no answer"), 100)]);
        var call = () => grain.Peers(TimeSpan.FromMilliseconds(100)).Run(s_task.Run).CancelAsync(new CancelRun(), default);
        var told = await call.ShouldThrowAsync<PeerUnavailableException>();
        told.Message.ShouldContain("manual-1");
        told.Message.ShouldContain("no answer");
    }

    [Fact]
    public async Task Caller_WhoGivesUp_IsLetGo()
    {
        using var cancellation = new CancellationTokenSource();
        var grain = new FailingGrain([.. Enumerable.Repeat(new TimeoutException(), 100)]) { Called = cancellation.Cancel };
        var call = () => grain.Peers(null).Run(s_task.Run).StartAsync(new StartRun(), cancellation.Token);
        // Cancelled or failed, whichever came first; but not called for ever.
        await call.ShouldThrowAsync<Exception>();
        grain.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Dispatch_ThatIsRepeated_IsAWake()
    {
        var grain = new FailingGrain(new TimeoutException());
        var dispatch = new Dispatch(
            new TaskInstance { Key = s_task }, new Attempt { Key = new AttemptKey(s_task, 1), Uid = Guid.NewGuid(), CreatedAt = DateTimeOffset.UnixEpoch });
        await grain.Peers(null).Task(s_task).DispatchAsync(dispatch, default);
        grain.Calls.ShouldBe(["DispatchAsync", "WakeAsync"]);
    }

    /// <summary>Every grain at once: fails as often as it was told to, and then answers.</summary>
    private sealed class FailingGrain(params Exception[] failures)
    {
        private readonly Queue<Exception> _failures = new(failures);

        public List<string> Calls { get; } = [];

        public Action Called { get; init; } = () => { };

        public GrainPeers Peers(TimeSpan? patience)
        {
            var factory = DispatchProxy.Create<IGrainFactory, Answers>();
            ((Answers)(object)factory).Answer = (_, args) => Reference(((GrainId)args![0]!).Type.ToString() switch
            {
                GrainNames.Dag => typeof(IDagGrain),
                GrainNames.Run => typeof(IDagRunGrain),
                GrainNames.Task => typeof(ITaskInstanceGrain),
                var name => name == GrainNames.Pool ? typeof(IPoolGrain) : throw new InvalidOperationException(name),
            });
            return new GrainPeers(factory, TimeProvider.System, patience);
        }

        private object Reference(Type grain)
        {
            var reference = DispatchProxy.Create(grain, typeof(Answers));
            ((Answers)reference).Answer = (method, _) =>
            {
                Calls.Add(method.Name);
                Called();
                if (_failures.TryDequeue(out var failure)) throw failure;
                return method.ReturnType == typeof(Task<RunAdmitted>) ? Task.FromResult(new RunAdmitted(true)) : Task.CompletedTask;
            };
            return reference;
        }
    }

    /// <summary>Answers calls by a function.</summary>
    public class Answers : DispatchProxy
    {
        internal Func<MethodInfo, object?[]?, object> Answer { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!, args);
    }
}
