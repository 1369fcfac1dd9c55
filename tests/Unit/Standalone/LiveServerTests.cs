using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Serving;

namespace OrleansFlow.Tests.Unit.Standalone;

/// <summary>Where the server of a data folder says that it is.</summary>
public sealed class LiveServerTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("flow-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void WhatAServerWrites_IsFound_WhileItLives()
    {
        var folder = DataFolder.Open(_home);
        var live = new LiveServer(Environment.ProcessId, "http://127.0.0.1:8233", "http://127.0.0.1:8234");
        using (folder.Lock())
        {
            live.Write(folder);
            LiveServer.Find(folder).ShouldBe(live);
        }

        LiveServer.Find(folder).ShouldBeNull("the lock is free, so whoever wrote it has gone");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no addresses")]
    [InlineData("pid=PID\n")]
    [InlineData("grpc=http://a\nhttp=http://b\n")]
    [InlineData("grpc=http://a\npid=PID\n")]
    [InlineData("grpc=http://a\nhttp=http://b\npid=99999999999\n")]
    [InlineData("grpc=http://a\nhttp=http://b\npid=-PID\n")]
    public void AFileThatSaysNothing_IsNoServer(string text)
    {
        var folder = DataFolder.Open(_home);
        using var held = folder.Lock();
        File.WriteAllText(folder.ApiAddress, text.Replace("PID", $"{Environment.ProcessId}", StringComparison.Ordinal));

        LiveServer.Find(folder).ShouldBeNull();
    }

    [Theory]
    [InlineData("http://0.0.0.0:8233", "http://127.0.0.1:8233")]
    [InlineData("http://[::]:8233", "http://[::1]:8233")]
    [InlineData("http://127.0.0.1:8233", "http://127.0.0.1:8233")]
    [InlineData("http://192.0.2.1:8233", "http://192.0.2.1:8233")]
    public void AServerOnAllAddresses_IsCalledOnLoopback(string listens, string called) =>
        new LiveServer(1, listens, listens).Reachable().ShouldBe(new LiveServer(1, called, called));
}
