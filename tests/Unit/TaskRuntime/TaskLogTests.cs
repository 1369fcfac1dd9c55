using System.Text;
using OrleansFlow.TaskRuntime.Logs;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Tests.Unit.TaskRuntime;

public sealed class TaskLogTests
{
    [Fact]
    public async Task Character_CutByTwoReads_StaysWhole()
    {
        var bytes = Encoding.UTF8.GetBytes("aé€😀b\n");
        for (var cut = 1; cut < bytes.Length; cut++)
            (await LogOfAsync([bytes[..cut], bytes[cut..]])).ShouldBe(["out aé€😀b"]);
    }

    [Fact]
    public async Task LineEndings_AreTakenAway_AndCarriageReturnsInsideKept() =>
        (await LogOfAsync(["one\r\n10%\r20%\r\n\n"u8.ToArray()])).ShouldBe(["out one", "out 10%\r20%", "out "]);

    [Fact]
    public async Task LongLine_GoesOn_WithAPlus()
    {
        var lines = await LogOfAsync([Encoding.UTF8.GetBytes(new string('x', 40_000) + "\nnext\n")]);
        lines.Select(line => line[..5]).ShouldBe(["out x", "out+ ", "out+ ", "out n"]);
        lines.Take(3).Sum(line => line.Count(c => c == 'x')).ShouldBe(40_000);
    }

    [Fact]
    public async Task FullDisk_LosesBytes_ButNeverTheTask_AndIsTold()
    {
        var sink = new Sink { Full = true };
        var log = new TaskLog(sink, new TaskLogOptions { FlushAfter = TimeSpan.FromHours(1) }, TimeProvider.System);
        await CopyAsync(log, [new byte[200_000]]);
        sink.Full = false;
        await log.NoticeAsync("there is room again");
        await log.DisposeAsync();

        sink.Closed.ShouldBeTrue();
        var lines = sink.Lines();
        lines[0].ShouldEndWith("bytes of log are left out here: the disk was full or nearly so");
        lines.ShouldContain("flow there is room again");
    }

    [Fact]
    public async Task Log_ThatMayNotBeWritten_SaysSoOnce()
    {
        var sink = new Sink();
        var log = new TaskLog(sink, new TaskLogOptions { Allowed = () => false }, TimeProvider.System);
        await CopyAsync(log, [new byte[200_000], new byte[200_000]]);
        await log.DisposeAsync();
        sink.Lines().ShouldBe(["flow the disk is nearly full: task logs are left out until there is room"]);
    }

    [Fact]
    public async Task Notice_AfterTheEnd_IsIgnored()
    {
        var sink = new Sink();
        var log = new TaskLog(sink, new TaskLogOptions(), TimeProvider.System);
        await log.NoticeAsync("two\nlines");
        await log.DisposeAsync();
        await log.NoticeAsync("late");
        await log.DisposeAsync();
        sink.Lines().ShouldBe(["flow two lines"]);
    }

    [Fact]
    public async Task Beginning_AndEnd_AreKept_OfALogBeyondItsBounds()
    {
        var text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i:D4}\n"));
        var lines = await LogOfAsync([Encoding.UTF8.GetBytes(text)], new TaskLogOptions { HeadBytes = 390, TailBytes = 200 });
        // a record is 39 bytes: stamp, source, text
        lines.Take(10).ShouldBe(Enumerable.Range(0, 10).Select(i => $"out line {i:D4}"));
        lines[10].ShouldStartWith("flow the log has reached 390 bytes");
        lines[11].ShouldBe("flow 38,410 bytes of log are left out here; the last lines follow");
        lines.Skip(12).ShouldBe(Enumerable.Range(995, 5).Select(i => $"out line {i:D4}"));
    }

    private static async Task<string[]> LogOfAsync(byte[][] reads, TaskLogOptions? options = null)
    {
        var sink = new Sink();
        var log = new TaskLog(sink, options ?? new TaskLogOptions(), TimeProvider.System);
        await CopyAsync(log, reads);
        await log.DisposeAsync();
        return sink.Lines();
    }

    private static Task CopyAsync(TaskLog log, byte[][] reads) => log.CopyAsync(new Reads(reads), LogSource.Out, CancellationToken.None);

    private sealed class Sink : ILogSink
    {
        private readonly MemoryStream _bytes = new();

        public bool Full { get; set; }

        public bool Closed { get; private set; }

        // without stamps
        public string[] Lines() =>
            [.. Encoding.UTF8.GetString(_bytes.ToArray()).Split('\n')[..^1].Select(line => line["2024-01-01T00:00:00.000Z ".Length..])];

        public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            if (Full) throw new AttemptStorageException("the disk is full");
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            Closed = true;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A stream whose reads return what they are told to, at most 16 KiB at a time.</summary>
    private sealed class Reads(byte[][] reads) : MemoryStream
    {
        private readonly Queue<byte[]> _left = new(reads.SelectMany(read => read.Chunk(16 * 1024)));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_left.TryDequeue(out var next)) return ValueTask.FromResult(0);
            next.CopyTo(buffer);
            return ValueTask.FromResult(next.Length);
        }
    }
}
