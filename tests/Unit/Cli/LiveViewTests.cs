using System.Runtime.CompilerServices;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Following;
using OrleansFlow.Client.Errors;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Tests.Unit.Cli.Fakes;
using OrleansFlow.Tests.Unit.Client.Fakes;

namespace OrleansFlow.Tests.Unit.Cli;

/// <summary>What a live view rests on: the passing of time, notices, and lines of logs that somebody else reads.</summary>
public sealed class LiveViewTests
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task WhereNothingComes_ThePassingOfTimeIsTold_AndNothingIsLost()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new List<string?>();

        await foreach (var item in Source().WithPauses(s_pause, new StillTime(Sample.Start), CancellationToken.None))
        {
            told.Add(item);
            if (told.Count == 4) go.TrySetResult();
        }

        told.ShouldContain((string?)null);
        told.OfType<string>().ShouldBe(["a", "b"]);

        async IAsyncEnumerable<string> Source()
        {
            yield return "a";
            await go.Task;
            yield return "b";
        }
    }

    [Fact]
    public async Task AReaderThatLeaves_EndsASource_ThatIsStillMoving()
    {
        var ended = false;

        await foreach (var item in Source(CancellationToken.None).WithPauses(s_pause, new StillTime(Sample.Start), CancellationToken.None))
            if (item is null)
                break;

        ended.ShouldBeTrue();

        async IAsyncEnumerable<string> Source([EnumeratorCancellation] CancellationToken cancellation)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            }
            finally
            {
                ended = true;
            }

            yield return "never";
        }
    }

    [Fact]
    public async Task ANotice_EndsAPause()
    {
        var board = new NoticeBoard();
        var next = board.NextAsync();
        next.IsCompleted.ShouldBeFalse();

        board.Put("the server is away");

        await next.WaitAsync(FakeServer.Ceiling);
        board.Last.ShouldBe("the server is away");
        board.NextAsync().IsCompleted.ShouldBeTrue("it was said after the time before");
        board.NextAsync().IsCompleted.ShouldBeFalse("nothing was said since");
    }

    [Fact]
    public async Task ALogThatCannotBeRead_LeavesItsLineOut_AndNoOther()
    {
        var world = Sample.World();
        var (good, bad) = (new AttemptKey(Sample.Key(Sample.Good, "train"), 2), new AttemptKey(Sample.Key(Sample.Bad, "train"), 1));
        var logs = new Away(world.Logs, bad);
        await using var lines = new LastLines(logs, TimeProvider.System);
        lines.Want([(Sample.Dag, bad), (Sample.Dag, good)]);

        await lines.ReadAsync(CancellationToken.None);

        (lines.Of(bad), lines.Of(good)).ShouldBe((null, "ch 2"));
    }

    [Fact]
    public async Task ATail_IsReadOn_WithWhatLacksItsLineEnd()
    {
        var world = Sample.World();
        var attempt = new AttemptKey(Sample.Key(Sample.Live, "fetch"), 1);
        var logs = world.Logs;
        world.LogTexts[attempt] = "2024-01-01T08:00:01.000Z out one\n2024-01-01T08:00:02.000Z out 40";
        (await TextsAsync()).ShouldBe(["one", "40"]);

        world.LogTexts[attempt] += " %\n";
        (await TextsAsync()).ShouldBe(["one", "40 %"]);

        async Task<string[]> TextsAsync() => [.. (await logs.TailAsync(Sample.Dag, attempt, 2, CancellationToken.None)).Select(record => record.Text)];
    }

    private sealed class Away(ILogs inner, AttemptKey away) : ILogs
    {
        public string Locate(DagId dag, AttemptKey attempt) => inner.Locate(dag, attempt);

        public IAsyncEnumerable<LogRecord> ReadAsync(DagId dag, AttemptKey attempt, int? tail, CancellationToken cancellation) =>
            inner.ReadAsync(dag, attempt, tail, cancellation);

        public Task<IReadOnlyList<LogRecord>> TailAsync(DagId dag, AttemptKey attempt, int count, CancellationToken cancellation) =>
            attempt == away ? throw new FlowUnavailableException("away") : inner.TailAsync(dag, attempt, count, cancellation);

        public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => inner.ReadRemovedBeforeAsync(cancellation);
    }
}
