using System.IO.Compression;
using System.Text;
using OrleansFlow.Api.Logs;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Watching;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>Page tokens and cursors: opaque, bound to what was asked, and never taken for something else.</summary>
public sealed class PagingTests
{
    private static readonly RunId Run = new("manual-1");

    [Fact]
    public void AToken_GoesOnWithTheSameQuestion_WhateverTheSizeOfThePage()
    {
        var request = new ListRunsRequest { Dag = "dags/etl", PageSize = 10 };
        var token = PageToken.Write(request, "a", "b/ö");
        var next = new ListRunsRequest { Dag = "dags/etl", PageSize = 99, PageToken = token };
        PageToken.Read(next, token, 2).ShouldBe(["a", "b/ö"]);
    }

    [Theory]
    [InlineData("dags/other")]
    [InlineData("")]
    public void AToken_OfAnotherQuestion_IsRefused(string dag)
    {
        var token = PageToken.Write(new ListRunsRequest { Dag = "dags/etl" }, "a");
        Refused(() => PageToken.Read(new ListRunsRequest { Dag = dag, PageToken = token }, token, 1));
    }

    [Fact]
    public void AToken_OfAnotherMethod_IsRefused()
    {
        var token = PageToken.Write(new ListDagsRequest(), "a");
        Refused(() => PageToken.Read(new ListPoolsRequest(), token, 1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("====")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public void Nonsense_IsRefused_ByEveryKind(string text)
    {
        Refused(() => PageToken.Read(new ListDagsRequest(), text, 1));
        Refused(() => RunCursor.Read(Run, text));
        Refused(() => EventCursor.Read(Run, text));
        Refused(() => LogCursor.Read(Run, text));
    }

    [Fact]
    public void CursorsThatAreWritten_AreReadAsTheSame()
    {
        var sums = Enumerable.Range(0, RunCursor.Buckets).Select(i => (long)i * 1000).ToArray();
        var run = RunCursor.Of(7, sums);
        var read = RunCursor.Read(Run, run.Write(Run))!;
        read.Run.ShouldBe(7);
        Enumerable.Range(0, RunCursor.Buckets).Any(bucket => read.Differs(bucket, run)).ShouldBeFalse();

        var events = EventCursor.Read(Run, new EventCursor(41, [43, 50]).Write(Run))!;
        (events.Settled, string.Join(' ', events.Beyond)).ShouldBe((41, "43 50"));

        var logs = new LogCursor();
        logs.Set(new AttemptKey(new TaskKey(Run, new TaskId("t"), 3), 2), 1234);
        LogCursor.Read(Run, logs.Write(Run)).Places.ShouldBe(logs.Places);
    }

    [Fact]
    public void ACursor_OfAnotherRun_IsRefused()
    {
        Refused(() => RunCursor.Read(new RunId("other"), RunCursor.Of(1, new long[RunCursor.Buckets]).Write(Run)));
        Refused(() => EventCursor.Read(new RunId("other"), EventCursor.Start.Write(Run)));
    }

    [Theory]
    [InlineData("a", 2_000_000_000, 0)]
    [InlineData("a", 3, 0)]
    [InlineData("", 0, 0)]
    [InlineData("a/../b", 6, 0)]
    [InlineData("a", 1, 9_000_000)]
    public void ALogCursor_ThatWasForged_CostsNothing(string id, int length, int zeros)
    {
        using var bytes = new MemoryStream();
        using (var packed = new DeflateStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(packed))
        {
            writer.Write(RunCursor.Binding(Run));
            writer.Write7BitEncodedInt(zeros > 0 ? 90_000 : 1);
            writer.Write7BitEncodedInt(length);
            writer.Write(Encoding.ASCII.GetBytes(id));
            writer.Write7BitEncodedInt(1);
            writer.Write7BitEncodedInt(1);
            writer.Write7BitEncodedInt64(5);
            writer.Write(new byte[zeros]);
        }

        Refused(() => LogCursor.Read(Run, PageToken.Base64Url(bytes.ToArray())));
    }

    private static void Refused(Func<object?> read) =>
        Should.Throw<RpcException>(() => { _ = read(); }).Detail<ErrorInfo>()!.Reason.ShouldBe("INVALID_PAGE_TOKEN");
}
