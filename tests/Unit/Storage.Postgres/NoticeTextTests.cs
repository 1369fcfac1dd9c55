using System.Text;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Watching;
using OrleansFlow.Storage.Postgres.Notices;

namespace OrleansFlow.Tests.Unit.Storage.Postgres;

public sealed class NoticeTextTests
{
    private const string Host = "flow-812-ykbqs-alpha";

    [Fact]
    public void WhatIsWritten_IsReadByOtherHosts_AndNotByItsOwn()
    {
        var news = ChangedRuns.Of([new RunId("b"), new RunId("manual-20240101T000000Z-x7k2p")]);

        var text = NoticeText.Write(Host, news).ShouldHaveSingleItem();

        text.ShouldBe($"{Host} b manual-20240101T000000Z-x7k2p");
        NoticeText.Read("flow-790-c4tma-beta", text)!.Runs.ShouldBe(news.Runs);
        NoticeText.Read(Host, text).ShouldBeNull();
    }

    [Fact]
    public void ManyRuns_TakeSeveralTexts_NoneLongerThanPostgresTakes()
    {
        var host = new string('h', 63);
        var news = ChangedRuns.Of(Enumerable.Range(0, 1000).Select(i => new RunId($"{i:D4}".PadRight(IdRules.MaxLength, 'x'))));

        var texts = NoticeText.Write(host, news);

        texts.ShouldAllBe(text => Encoding.UTF8.GetByteCount(text) < 8000);
        texts.Count.ShouldBeLessThan(30);
        texts.SelectMany(text => NoticeText.Read("other", text)!.Runs).ShouldBe(news.Runs);
    }

    [Fact]
    public void Everything_IsOneText()
    {
        var text = NoticeText.Write(Host, ChangedRuns.All).ShouldHaveSingleItem();
        NoticeText.Read("other", text)!.AreAll.ShouldBeTrue();
        NoticeText.Read(Host, text).ShouldBeNull();
    }

    [Fact]
    public void Nothing_IsNoText() => NoticeText.Write(Host, ChangedRuns.Of([])).ShouldBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("beta")]
    [InlineData("beta ")]
    [InlineData("beta run-a {\"later\": true}")]
    public void WhatIsNotUnderstood_MayTellOfAnything(string text) => NoticeText.Read(Host, text)!.AreAll.ShouldBeTrue();
}
