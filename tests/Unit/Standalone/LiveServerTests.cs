using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Tests.Unit.Standalone;

/// <summary>Where the server of a data folder says that it is.</summary>
public sealed class LiveServerTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8233", "http://127.0.0.1:8233")]
    [InlineData("http://[::]:8233", "http://[::1]:8233")]
    [InlineData("http://127.0.0.1:8233", "http://127.0.0.1:8233")]
    [InlineData("http://192.0.2.1:8233", "http://192.0.2.1:8233")]
    public void AServerOnAllAddresses_IsCalledOnLoopback(string listens, string called) =>
        new LiveServer(1, listens, listens).Reachable().ShouldBe(new LiveServer(1, called, called));
}
