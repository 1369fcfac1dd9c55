using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>By which names, and from which pages, a server may be called.</summary>
public sealed class HostGuardTests
{
    [Theory]
    [InlineData("127.0.0.1:8234", "", true)]
    [InlineData("localhost:8234", "", true)]
    [InlineData("[::1]:8234", "", true)]
    [InlineData("localhost:8234", "http://localhost:8234", true)]
    [InlineData("localhost", "", false)]
    [InlineData("localhost:80", "", false)]
    [InlineData("evil.example:8234", "", false)]
    [InlineData("", "", false)]
    [InlineData("localhost:8234", "http://evil.example", false)]
    [InlineData("localhost:8234", "http://localhost:3000", false)]
    [InlineData("localhost:8234", "null", false)]
    public void OnLoopback_OnlyItsOwnNamesCount(string host, string origin, bool allowed) =>
        (new HostGuard(new ServeOptions()).Refusal(new HostString(host), origin, 8234) is null).ShouldBe(allowed);

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.2:8234", true)]
    [InlineData("127.0.0.2", "127.0.0.3:8234", false)]
    [InlineData("::1", "[::1]:8234", true)]
    public void TheAddressItListensOn_IsItsName(string address, string host, bool allowed) =>
        (new HostGuard(new ServeOptions { Address = IPAddress.Parse(address) }).Refusal(new HostString(host), "", 8234) is null).ShouldBe(allowed);

    [Theory]
    [InlineData("rebound.example:8234", "HTTP/1.1", false)]
    [InlineData("", "HTTP/1.1", false)]
    [InlineData("10.0.0.7:8234", "HTTP/1.1", true)]
    [InlineData("[fd00::7]:8234", "HTTP/1.1", true)]
    [InlineData("flow.example:8233", "HTTP/2", true)]
    public void WithoutTokens_APageCannotComeByAName(string host, string protocol, bool allowed)
    {
        var open = new ServeOptions { Address = IPAddress.Any, Tokens = OrleansFlow.Api.Security.TokenBook.Open };
        (new HostGuard(open).RefusalOfName(new HostString(host), protocol) is null).ShouldBe(allowed);
        new HostGuard(open with { AllowedHosts = ["rebound.example"] }).RefusalOfName(new HostString(host), protocol).ShouldBeNull();
        new HostGuard(open with { Tokens = null }).RefusalOfName(new HostString(host), protocol).ShouldBeNull();
    }

    [Fact]
    public void ElsewhereAnyNameCounts_UnlessSomeAreNamed_ButNoPage()
    {
        var open = new ServeOptions { Address = IPAddress.Any };
        new HostGuard(open).Refusal(new HostString("flow.example:8234"), "", 8234).ShouldBeNull();
        new HostGuard(open).Refusal(new HostString("flow.example:8234"), "https://flow.example", 8234).ShouldNotBeNull();
        var named = open with { AllowedHosts = ["flow.example"] };
        new HostGuard(named).Refusal(new HostString("flow.example"), "https://flow.example", 8234).ShouldBeNull();
        new HostGuard(named).Refusal(new HostString("other.example"), "", 8234).ShouldNotBeNull();
    }
}
