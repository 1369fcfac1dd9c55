using OrleansFlow.Api.Attempts;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.Tests.Unit.Api.Fakes;

namespace OrleansFlow.Tests.Unit.Api;

public sealed class StopNewsTests
{
    private static readonly StopOrder s_cancel = new(StopReason.Cancel, "the run is cancelled", DateTimeOffset.UnixEpoch);
    private static readonly StopOrder s_sooner = s_cancel with { Detail = "its host leaves" };
    private readonly Desk _desk = new();

    [Fact]
    public async Task AStop_IsSaid_AndEachChangeOfIt_UntilTheAttemptEnds()
    {
        await using var news = Listen();
        (await NextAsync(news)).ShouldBeNull("it is not to stop");
        foreach (var order in new[] { s_cancel, s_sooner })
        {
            var next = NextAsync(news);
            _desk.Tell(order);
            (await next).ShouldBe(order);
        }

        var end = news.MoveNextAsync().AsTask();
        _desk.Close();
        (await end.WaitAsync(ApiHost.Ceiling)).ShouldBeFalse("it says nothing twice");
    }

    [Fact]
    public async Task AnAttemptThatEndsWithItsStop_IsToldOfItFirst()
    {
        await using var news = Listen();
        await NextAsync(news);

        _desk.Tell(s_cancel);
        _desk.Close();

        (await NextAsync(news)).ShouldBe(s_cancel);
        (await news.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task AnAttemptThatEndsByItself_IsToldNothingMore()
    {
        await using var news = Listen();
        await NextAsync(news);

        _desk.Close();

        (await news.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task AListenerWhoIsGone_IsLetGo()
    {
        using var gone = new CancellationTokenSource();
        await using var news = StopNews.OfAsync(_desk, CancellationToken.None).GetAsyncEnumerator(gone.Token);
        await NextAsync(news);
        var next = NextAsync(news);

        await gone.CancelAsync();

        await next.ShouldThrowAsync<OperationCanceledException>();
    }

    private IAsyncEnumerator<StopOrder?> Listen() => StopNews.OfAsync(_desk, CancellationToken.None).GetAsyncEnumerator();

    private static async Task<StopOrder?> NextAsync(IAsyncEnumerator<StopOrder?> news)
    {
        (await news.MoveNextAsync().AsTask().WaitAsync(ApiHost.Ceiling)).ShouldBeTrue();
        return news.Current;
    }

    /// <summary>Only ever stops.</summary>
    private sealed class Desk : IAttemptDesk
    {
        private readonly CancellationTokenSource _closing = new();
        private TaskCompletionSource _changed = new();

        public AttemptPlan Plan => throw new NotSupportedException();

        public TimeSpan CheckpointEvery => throw new NotSupportedException();

        public CancellationToken Closed => _closing.Token;

        public (StopOrder? Order, Task Changed) Stop { get; private set; }

        public Desk() => Stop = (null, _changed.Task);

        public void Tell(StopOrder order)
        {
            var before = _changed;
            _changed = new TaskCompletionSource();
            Stop = (order, _changed.Task);
            before.SetResult();
        }

        public void Close() => _closing.Cancel();

        public void Report(double? fraction, string message) => throw new NotSupportedException();

        public void PutXcoms(IReadOnlyDictionary<string, string> values) => throw new NotSupportedException();

        public Task<StagedFile> UploadAsync(Upload upload, IAsyncEnumerable<ReadOnlyMemory<byte>> content, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<bool> SaveCheckpointAsync(long number, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
