using System.Net;
using OrleansFlow.Api.Security;
using OrleansFlow.Client.Calls;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Storage.InMemory;
using OrleansFlow.Tests.Unit.Api.Fakes;
using OrleansFlow.Tests.Unit.Scheduling.Coordinators;

namespace OrleansFlow.Tests.Unit.Api;

/// <summary>The server lets in whom the table of permissions names, and nobody else: every method with every role.</summary>
public sealed class AccessTests : IAsyncLifetime, IDisposable
{
    private const string Yaml = "dag: own\ntasks:\n  one: { noop: {} }\n";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Installation _flow = new();
    private ApiHost? _host;

    private ApiHost Host => _host!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(_flow.Store, _flow.Peers);

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await _flow.DisposeAsync();
    }

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task EveryMethod_LetsInThoseWhoseRoleReaches(string? role)
    {
        var wrong = new List<string>();
        foreach (var (path, needed) in Permissions.Table)
        {
            var expected = needed switch
            {
                Access.Anybody => "let in",
                // this server has no such methods
                Access.Attempt => "Unimplemented",
                _ when role is null => "Unauthenticated",
                _ => Permissions.Permits(needed, Enum.Parse<Role>(role, ignoreCase: true)) ? "let in" : "PermissionDenied",
            };
            var code = await CallAsync(path, role is null ? null : ApiHost.Token(role));
            var answer = code is RpcCode.Unauthenticated or RpcCode.PermissionDenied || needed == Access.Attempt ? code.ToString() : "let in";
            if (answer != expected) wrong.Add($"{path}: {answer}, not {expected}");
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("the-token-of-nobody-at-all")]
    [InlineData("")]
    public async Task AnUnknownToken_OpensNothing(string token) =>
        (await CallAsync("/orleansflow.v1.RunService/ListRuns", token)).ShouldBe(RpcCode.Unauthenticated);

    [Fact]
    public async Task AFileOfTheCallersOwn_IsRunForAdministratorsOnly()
    {
        var request = new TriggerRunRequest { Source = new DagSource { Yaml = Google.Protobuf.ByteString.CopyFromUtf8(Yaml) } };
        var path = "/orleansflow.v1.RunService/TriggerRun";
        (await CallAsync(path, ApiHost.Token("operator"), request)).ShouldBe(RpcCode.PermissionDenied);
        (await Host.CallAsync(RunMethods.List, new ListRunsRequest())).Runs.ShouldBeEmpty();
        (await CallAsync(path, ApiHost.Token("admin"), request)).ShouldBe(RpcCode.Ok);
        (await Host.CallAsync(RunMethods.List, new ListRunsRequest())).Runs.ShouldHaveSingleItem();
    }

    // What the headers say; a stream that has begun was let in.
    private async Task<RpcCode> CallAsync(string path, string? token, Google.Protobuf.IMessage? message = null)
    {
        byte[] body = message is null ? [] : Google.Protobuf.MessageExtensions.ToByteArray(message);
        byte[] frame = [0, 0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        using var request = new HttpRequestMessage(HttpMethod.Post, Host.Address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        if (token is not null) request.Headers.TryAddWithoutValidation("authorization", "Bearer " + token);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(ApiHost.Ceiling, TimeProvider.System);
        return response.Headers.TryGetValues("grpc-status", out var status)
            ? (RpcCode)int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture)
            : RpcCode.Ok;
    }
}
