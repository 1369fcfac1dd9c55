using FsCheck;
using FsCheck.Fluent;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Wire;

namespace OrleansFlow.Tests.Rpc.Wire;

/// <summary>Messages in <c>grpc-message</c>, bytes in headers, and what metadata refuses.</summary>
public class TextEncodingTests
{
    [Theory]
    [InlineData("plain words, ~!", "plain words, ~!")]
    [InlineData("100%", "100%25")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("ü", "%C3%BC")]
    [InlineData("😈", "%F0%9F%98%88")]
    public void AMessage_IsEncodedByPercents(string text, string encoded)
    {
        PercentEncoding.Encode(text).ShouldBe(encoded);
        PercentEncoding.Decode(encoded).ShouldBe(text);
    }

    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("longer", 5, "lo...")]
    [InlineData("üüü", 16, "üü...")]
    [InlineData("ü😈😈", 21, "ü😈...")]
    public void ALongMessage_IsCutOffBetweenCharacters(string text, int limit, string shortened)
    {
        PercentEncoding.Shorten(text, limit).ShouldBe(shortened);
        PercentEncoding.Encode(shortened).Length.ShouldBeLessThanOrEqualTo(limit);
    }

    [Fact]
    public void DetailsThatAreTooLargeForAHeader_AreLeftOut_AndTheOthersStay()
    {
        var (small, large) = (new Protos.EchoStatus { Code = 7, Message = "typed" }, new Protos.EchoStatus { Message = new string('x', 100_000) });
        var header = StatusDetails.Encode(RpcCode.Internal, "broken", [small, large, .. Enumerable.Repeat(small, 1000)])!;
        header.Length.ShouldBeLessThan(6200);
        var details = StatusDetails.Decode(header);
        details.Count.ShouldBeInRange(10, 900);
        details.ShouldAllBe(detail => ((Google.Protobuf.WellKnownTypes.Any)detail).Unpack<Protos.EchoStatus>().Code == 7);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("a%zzb%")]
    public void ABrokenEscape_StaysAsItIs(string text) => PercentEncoding.Decode(text).ShouldBe(text);

    [Fact]
    public void EveryMessage_SurvivesTheWay_AsPrintableAscii() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            var encoded = PercentEncoding.Encode(text);
            encoded.ShouldAllBe(c => c >= ' ' && c <= '~');
            PercentEncoding.Decode(encoded).ShouldBe(text);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decoding_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => PercentEncoding.Decode(text ?? "").ShouldNotBeNull()).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_SurviveTheWay_WithoutPadding() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var text = BinaryValue.Encode(bytes);
            text.ShouldNotContain('=');
            BinaryValue.TryDecode(text, out var read).ShouldBeTrue();
            read.ShouldBe(bytes);
            BinaryValue.TryDecode(Convert.ToBase64String(bytes), out read).ShouldBeTrue();
            read.ShouldBe(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyText_IsBytesOrIsNot_ButNeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
        {
            BinaryValue.TryDecode(text ?? "", out _);
            BinaryValue.TryDecodeUrl(text ?? "", out _);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("grpc-status", "0")]
    [InlineData("te", "x")]
    [InlineData("content-type", "x")]
    [InlineData(":path", "x")]
    [InlineData("ä", "x")]
    [InlineData("with space", "x")]
    [InlineData("key", "line\nbreak")]
    [InlineData("key", "ü")]
    [InlineData("key-bin", "text")]
    public void WhatCannotBeSent_IsRefused(string key, string value) =>
        Should.Throw<ArgumentException>(() => new RpcMetadata { { key, value } });

    [Fact]
    public void Keys_AreLowerCase_AndMayRepeat()
    {
        var metadata = new RpcMetadata { { "Key", "1" }, { "KEY", "2" } };
        metadata.Values("key").ShouldBe(["1", "2"]);
        metadata["kEy"].ShouldBe("1");
    }

    [Fact]
    public void BinaryValues_JoinedOnTheWay_ComeApart()
    {
        var metadata = new RpcMetadata();
        metadata.AddReceived("key-bin", "AQ,Ag==");
        metadata.Values("key-bin").ShouldBe(["AQ", "Ag=="]);
        metadata.Binary("key-bin").ShouldBe([1]);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("identity", false)]
    [InlineData("gzip", true)]
    [InlineData("identity, deflate , gzip", true)]
    [InlineData("br,gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("xgzip", false)]
    public void GzipIsAccepted_WhereItIsNamed(string? list, bool accepted) => Gzip.IsAccepted(list).ShouldBe(accepted);
}
