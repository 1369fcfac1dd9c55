using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Server;

/// <summary>With TLS one port speaks everything. Here the services are mapped as a program maps them.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TestService _service = new();
    private X509Certificate2? _certificate;
    private WebApplication? _app;

    private string Address => _app!.Urls.Single();

    public async Task InitializeAsync()
    {
        _certificate = SelfSigned();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(_certificate);
            });
        });
        _app = builder.Build();
        _app.MapRpc(_service.Service);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        _certificate!.Dispose();
    }

    [Fact]
    public async Task Grpc_IsCalled_ByWhoeverTrustsTheCertificate()
    {
        var options = new RpcChannelOptions { Tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsOurs } };
        using var channel = new RpcChannel(Address, options);
        await channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync();
    }

    [Fact]
    public async Task AnUnknownCertificate_IsRefused()
    {
        using var channel = new RpcChannel(Address, new RpcChannelOptions { MaxAttempts = 1 });
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.Empty, new Empty()).InTimeAsync());
        error.Code.ShouldBe(RpcCode.Unavailable);
        error.Message.ShouldContain("certificate");
    }

    [Fact]
    public async Task Json_IsAnswered_OnTheSamePort()
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = IsOurs }, UseProxy = false });
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(Address + Methods.Empty.Path, content).InTimeAsync();
        response.Version.ShouldBe(HttpVersion.Version11);
        (await response.Content.ReadAsStringAsync()).ShouldBe("{ }");
    }

    private bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null && certificate.GetCertHashString() == _certificate!.GetCertHashString();

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
