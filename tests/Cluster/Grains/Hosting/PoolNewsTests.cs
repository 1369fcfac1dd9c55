using System.Threading.Channels;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Grains.Hosting;
using OrleansFlow.Scheduling.Peers;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.Cluster.Grains.Hosting;

public class PoolNewsTests
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly PoolNews _news;
    private int _atOnce;

    public PoolNewsTests() => _news = new PoolNews(
        (message, cancellation) => CallAsync(string.Join(' ', message.Waiters.Select(waiter => waiter.Task.Task)), cancellation),
        (message, cancellation) => CallAsync($"{message.Slots} free", cancellation));

    [Fact]
    public async Task AWord_IsTold_AndItsTellerReturns_WhenThePoolKnows()
    {
        var told = WaitsAsync("a");
        var call = await NextAsync();
        told.IsCompleted.ShouldBeFalse();

        call.Answer();

        await told.WaitAsync(Eventually.Ceiling);
        call.Said.ShouldBe("a");
    }

    [Fact]
    public async Task WhatComesDuringACall_GoesTogetherWithTheNext_InItsOrder()
    {
        var first = WaitsAsync("a");
        var call = await NextAsync();
        var later = new[] { WaitsAsync("b", "c"), FreeAsync(2), WaitsAsync("d"), FreeAsync(3) };

        call.Answer();
        await first.WaitAsync(Eventually.Ceiling);
        await AnswerAsync("b c d", "5 free");

        await Task.WhenAll(later).WaitAsync(Eventually.Ceiling);
        _calls.Reader.TryRead(out _).ShouldBeFalse("each is told once");
    }

    [Fact]
    public async Task AnotherLimitThatBecameFree_IsSaid_WhateverNumbersGoWithIt()
    {
        var first = FreeAsync(1);
        var call = await NextAsync();
        var later = new[] { FreeAsync(2), FreeAsync(0), FreeAsync(3) };

        call.Answer();
        await AnswerAsync("0 free");

        await Task.WhenAll([first, .. later]).WaitAsync(Eventually.Ceiling);
    }

    [Fact]
    public async Task ACallThatFails_FailsThoseWhoseWordItWas_AndNobodyElse()
    {
        var first = WaitsAsync("a");
        var call = await NextAsync();
        var (waits, free) = (WaitsAsync("b"), FreeAsync(1));

        call.Fail();
        (await NextAsync()).Fail();
        var later = WaitsAsync("c");
        await AnswerAsync("1 free", "c");

        await first.ShouldThrowAsync<InvalidOperationException>();
        await waits.ShouldThrowAsync<InvalidOperationException>();
        await Task.WhenAll(free, later).WaitAsync(Eventually.Ceiling);
    }

    [Fact]
    public async Task OneWhoGivesUp_IsLetGo_AndTakesNobodysWordAlong()
    {
        using var leaving = new CancellationTokenSource();
        var first = WaitsAsync("a");
        var call = await NextAsync();
        var (gone, stays) = (WaitsAsync(leaving.Token, "b"), WaitsAsync("c"));
        call.Answer();
        var both = await NextAsync();

        await leaving.CancelAsync();

        await gone.ShouldThrowAsync<OperationCanceledException>();
        both.Cancellation.IsCancellationRequested.ShouldBeFalse();
        both.Answer();
        await Task.WhenAll(first, stays).WaitAsync(Eventually.Ceiling);
        both.Said.ShouldBe("b c");
    }

    [Fact]
    public async Task ACallThatNobodyWaitsForAnyMore_IsGivenUp_AndTheNextIsMade()
    {
        using var leaving = new CancellationTokenSource();
        using var left = new CancellationTokenSource();
        var first = WaitsAsync("a");
        var call = await NextAsync();
        var gone = new[] { WaitsAsync(leaving.Token, "b"), WaitsAsync(leaving.Token, "c"), WaitsAsync(left.Token, "d") };
        call.Answer();
        var given = await NextAsync();
        var later = WaitsAsync("e");

        await leaving.CancelAsync();
        await left.CancelAsync();

        await AnswerAsync("e");
        await Task.WhenAll(first, later).WaitAsync(Eventually.Ceiling);
        given.Cancellation.IsCancellationRequested.ShouldBeTrue();
        foreach (var teller in gone) await teller.ShouldThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task OfManyWordsAtOnce_EachIsToldOnce_AndThereIsOneCallAtATime()
    {
        const int many = 1000;
        var tellers = Task.WhenAll(Enumerable.Range(0, many).Select(i => Task.Run(() => i % 2 == 0 ? WaitsAsync($"t{i}") : FreeAsync(1))));
        var (waiters, free) = (new List<string>(), 0);

        while (waiters.Count + free < many)
        {
            var call = await NextAsync();
            if (call.Said.EndsWith(" free", StringComparison.Ordinal)) free += int.Parse(call.Said.Split(' ')[0]);
            else waiters.AddRange(call.Said.Split(' '));
            call.Answer();
        }

        await tellers.WaitAsync(Eventually.Ceiling);
        waiters.ShouldBe(Enumerable.Range(0, many).Where(i => i % 2 == 0).Select(i => $"t{i}"), ignoreOrder: true);
        free.ShouldBe(many / 2);
    }

    private Task WaitsAsync(params string[] tasks) => WaitsAsync(CancellationToken.None, tasks);

    private Task WaitsAsync(CancellationToken cancellation, params string[] tasks) => _news.AddAsync(
        new WaitForSlots([.. tasks.Select(task => new Waiter(new TaskKey(new RunId("manual-1"), new TaskId(task)), new DagId("dag"), 1, default, 1))]), cancellation);

    private Task FreeAsync(int slots) => _news.AddAsync(new SlotsReleased(slots), CancellationToken.None);

    private async Task CallAsync(string said, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _atOnce).ShouldBe(1);
        var call = new Call(said, cancellation);
        _calls.Writer.TryWrite(call);
        try
        {
            await call.Answered.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    private async Task<Call> NextAsync()
    {
        using var ceiling = new CancellationTokenSource(Eventually.Ceiling);
        return await _calls.Reader.ReadAsync(ceiling.Token);
    }

    private async Task AnswerAsync(params string[] expected)
    {
        foreach (var said in expected)
        {
            var call = await NextAsync();
            call.Said.ShouldBe(said);
            call.Answer();
        }
    }

    /// <summary>What a pool is told, until the test answers.</summary>
    private sealed class Call(string said, CancellationToken cancellation)
    {
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Said => said;

        public CancellationToken Cancellation => cancellation;

        public Task Answered => _answer.Task;

        public void Answer() => _answer.SetResult();

        public void Fail() => _answer.SetException(new InvalidOperationException("the pool is broken"));
    }
}
