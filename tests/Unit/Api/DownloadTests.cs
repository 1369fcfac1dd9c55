using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;
using Data = OrleansFlow.Domain.Data;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>A file that was published comes whole, or the call says that it did not.</summary>
public sealed class DownloadTests : IAsyncLifetime
{
    private const string Name = "runs/manual-1/tasks/a/artifacts/out.bin";
    private static readonly TaskKey s_task = Sample.Task("a");
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 700_000).Select(i => (byte)(i * 31 >> 3))];
    private ApiHost? _host;

    private ApiHost Host => _host!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(new InMemoryStore());
        await Host.CommitAsync([.. Sample.Running(s_task), Row(s_content.Length)]);
        Host.Files.Artifacts["test://out"] = s_content;
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(699_999)]
    [InlineData(700_000)]
    public async Task AFile_ComesWhole_FromAnyOffset(int offset)
    {
        var messages = await Host.ReadAsync(TaskMethods.Download, new DownloadArtifactRequest { Name = Name, Offset = offset });
        messages[0].Artifact.SizeBytes.ShouldBe(s_content.Length);
        messages.Skip(1).SelectMany(message => message.Data.ToByteArray()).ShouldBe(s_content[offset..]);
    }

    [Fact]
    public async Task AnOffsetBehindTheEnd_IsOutOfRange() => (await FailsAsync(700_001)).Code.ShouldBe(RpcCode.OutOfRange);

    [Fact]
    public async Task AFileThatWasCutOff_IsADefect_AndNotASuccess()
    {
        Host.Files.Artifacts["test://out"] = s_content[..300_000];
        (await FailsAsync()).Code.ShouldBe(RpcCode.Internal);
        Host.Incidents.ShouldHaveSingleItem().Message.ShouldContain("test://out");
    }

    [Fact]
    public async Task AClearMeanwhile_IsToldAtTheEnd()
    {
        var reading = Host.Open(TaskMethods.Download, new DownloadArtifactRequest { Name = Name }).GetAsyncEnumerator();
        await using (reading)
        {
            (await reading.MoveNextAsync()).ShouldBeTrue();
            await Host.CommitAsync(new DropPublished(s_task));
            var ended = await Should.ThrowAsync<RpcException>(async () =>
            {
                while (await reading.MoveNextAsync())
                {
                }
            });
            ended.Code.ShouldBe(RpcCode.NotFound);
        }
    }

    private static PutArtifact Row(long size) => new(new Data.Artifact(s_task, "out.bin", 1, size, new string('0', 64), "test://out"));

    private Task<RpcException> FailsAsync(long offset = 0) =>
        Should.ThrowAsync<RpcException>(Host.ReadAsync(TaskMethods.Download, new DownloadArtifactRequest { Name = Name, Offset = offset }));
}
