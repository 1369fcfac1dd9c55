using System.IO.Compression;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Logs;
using OrleansFlow.Api.Paging;
using OrleansFlow.Api.Validation;
using OrleansFlow.Api.Watching;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>What callers may not put into texts, tokens and cursors.</summary>
public sealed class TextAndCursorTests
{
    private static readonly RunId Run = new("manual-1");

    [Fact]
    public void ControlCharacters_AreRefused_InStructsAndMapsToo_AndLineEndsAreNot()
    {
        var request = new TriggerRunRequest { Dag = "dags/\u0001", Why = "two\r\n\tlines", Params = new Struct() };
        request.Params.Fields["deep"] = Value.ForList(Value.ForString("fine"), Value.ForString("\u007f"));
        request.ParamTexts["rows"] = "1\0";
        Violations(request).ShouldBe(["dag", "params.deep[1]", "param_texts.rows"], ignoreOrder: true);
        RequestText.Check(new TriggerRunRequest { Dag = "dags/etl", Why = "two\r\n\tlines" });
    }

    [Fact]
    public void OverlongTexts_AreRefused_ButNotWhatMayBeLong()
    {
        var text = new string('x', RequestText.Longest + 1);
        Violations(new ListDagsRequest { Owner = text, Tags = { "fine", text } }).ShouldBe(["tags[1]", "owner"], ignoreOrder: true);
        RequestText.Check(new ApplyDagRequest { Source = new DagSource { SpecJson = text } });
        RequestText.Check(new StreamLogsRequest { Cursor = text });
    }

    [Fact]
    public void ACursorThatUnpacksToFarMore_IsRefusedBeforeItTakesTheMemory()
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(BitConverter.GetBytes(RunCursor.Binding(Run)));
            for (var i = 0; i < 64; i++) deflate.Write(new byte[1024 * 1024]);
        }

        packed.Length.ShouldBeLessThan(1024 * 1024);
        Refused(() => LogCursor.Read(Run, PageToken.Base64Url(packed.ToArray())));
        Refused(() => EventCursor.Read(Run, new string('A', 1024 * 1024)));
        Refused(() => RunCursor.Read(Run, new string('A', 1024 * 1024)));
        Refused(() => PageKey.Whole("4294967296"));
    }

    private static string[] Violations(Google.Protobuf.IMessage request)
    {
        var refused = Should.Throw<RpcException>(() => RequestText.Check(request));
        refused.Code.ShouldBe(RpcCode.InvalidArgument);
        return [.. refused.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field)];
    }

    private static void Refused(Action read) => Should.Throw<RpcException>(read).Detail<ErrorInfo>()!.Reason.ShouldBe("INVALID_PAGE_TOKEN");
}
