using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OrleansFlow.Client.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Unit.Client.Fakes;

namespace OrleansFlow.Tests.Unit.Client;

/// <summary>Published files come whole or not at all, and with the content that was committed.</summary>
public sealed class DownloadTests : IAsyncLifetime
{
    private const string Text = "a model, of a kind";
    private static readonly TaskKey Train = new(new RunId("run-a"), new TaskId("train"));

    private readonly FakeServer _server = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("flow-download-").FullName;

    private string File1 => Path.Combine(_folder, "deep", "model.pkl");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AFile_IsWritten_AndReplacesWhatWasThere()
    {
        await _server.OnStream<DownloadArtifactRequest, DownloadArtifactResponse>("DownloadArtifact", (request, _) => Serve(request, Text)).StartAsync();
        using var client = _server.Client();
        Directory.CreateDirectory(Path.GetDirectoryName(File1)!);
        await File.WriteAllTextAsync(File1, "something older that is longer than the new one");

        var artifact = await client.DownloadArtifactAsync(Train, "model.pkl", File1);

        artifact.SizeBytes.ShouldBe(Text.Length);
        (await File.ReadAllTextAsync(File1)).ShouldBe(Text);
        Left().ShouldBe(["model.pkl"]);
        using var stream = new MemoryStream();
        await client.DownloadArtifactAsync(Train, "model.pkl", stream);
        Encoding.UTF8.GetString(stream.ToArray()).ShouldBe(Text);
        _server.Requests.Cast<DownloadArtifactRequest>().ShouldAllBe(request => request.Name == "runs/run-a/tasks/train/artifacts/model.pkl");
    }

    [Fact]
    public async Task ALostConnection_IsTakenUp_WhereItBrokeOff()
    {
        var calls = 0;
        await _server.OnStream<DownloadArtifactRequest, DownloadArtifactResponse>(
            "DownloadArtifact", (request, _) => Serve(request, Text, breakAfter: ++calls < 3 ? 5 : null)).StartAsync();
        using var client = _server.Client();

        await client.DownloadArtifactAsync(Train, "model.pkl", File1);

        (await File.ReadAllTextAsync(File1)).ShouldBe(Text);
        _server.Requests.Cast<DownloadArtifactRequest>().Select(request => request.Offset).ShouldBe([0L, 5L, 10L]);
    }

    [Theory]
    [InlineData("a model, of a kinD", "another content")]
    [InlineData("a model", "7 came")]
    [InlineData("a model, of a kind, and more", "bytes")]
    public async Task AnotherContentThanWasCommitted_IsRefused_AndLeavesWhatWasThere(string sent, string problem)
    {
        await _server.OnStream<DownloadArtifactRequest, DownloadArtifactResponse>("DownloadArtifact", (request, _) => Serve(request, sent)).StartAsync();
        using var client = _server.Client();
        Directory.CreateDirectory(Path.GetDirectoryName(File1)!);
        await File.WriteAllTextAsync(File1, "older");

        (await Should.ThrowAsync<FlowException>(() => client.DownloadArtifactAsync(Train, "model.pkl", File1))).Message.ShouldContain(problem);
        (await Should.ThrowAsync<FlowException>(() => client.DownloadArtifactAsync(Train, "model.pkl", Stream.Null))).Message.ShouldContain(problem);

        (await File.ReadAllTextAsync(File1)).ShouldBe("older");
        Left().ShouldBe(["model.pkl"]);
    }

    [Fact]
    public async Task AFileThatIsMadeAnewMeanwhile_IsNotMixed()
    {
        var calls = 0;
        await _server.OnStream<DownloadArtifactRequest, DownloadArtifactResponse>(
            "DownloadArtifact",
            (request, _) => ++calls == 1 ? Serve(request, Text, breakAfter: 5) : Serve(request, Text, sha256: new string('0', 64))).StartAsync();
        using var client = _server.Client();

        (await Should.ThrowAsync<FlowException>(() => client.DownloadArtifactAsync(Train, "model.pkl", File1))).Message.ShouldContain("made anew");
        Left().ShouldBeEmpty();
    }

    [Fact]
    public async Task AFileThatIsNotThere_IsSaid()
    {
        await _server.OnStream<DownloadArtifactRequest, DownloadArtifactResponse>(
            "DownloadArtifact", (_, _) => throw new RpcException(RpcCode.NotFound, "There is no such file.")).StartAsync();
        using var client = _server.Client();

        await Should.ThrowAsync<FlowNotFoundException>(() => client.DownloadArtifactAsync(Train, "model.pkl", File1));
        Left().ShouldBeEmpty();
    }

    private IEnumerable<string?> Left() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName);

    private static async IAsyncEnumerable<DownloadArtifactResponse> Serve(
        DownloadArtifactRequest request, string text, int? breakAfter = null, string? sha256 = null)
    {
        var hash = sha256 ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
        yield return new DownloadArtifactResponse { Artifact = new Artifact { Name = request.Name, SizeBytes = Text.Length, Sha256 = hash } };
        var bytes = Encoding.UTF8.GetBytes(text)[(int)request.Offset..];
        yield return new DownloadArtifactResponse { Data = ByteString.CopyFrom(bytes.AsSpan(0, breakAfter ?? bytes.Length)) };
        await Task.Yield();
        if (breakAfter is not null) throw new RpcException(RpcCode.Unavailable, "The server is stopping.");
    }
}
