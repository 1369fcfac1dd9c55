using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansFlow.Rpc;
using OrleansFlow.Tests.Rpc.Harness;

namespace OrleansFlow.Tests.Rpc.Server;

/// <summary>What plain HTTP clients see: curl, browsers, proxies, and requests that are wrong.</summary>
public sealed class HttpTests : IAsyncLifetime, IDisposable
{
    private const string Empty = "/grpc.testing.TestService/EmptyCall";
    private const string Unary = "/grpc.testing.TestService/UnaryCall";
    private const string Input = "/grpc.testing.TestService/StreamingInputCall";
    private const string Cacheable = "/grpc.testing.TestService/CacheableUnaryCall";

    private static readonly byte[] s_emptyFrame = [0, 0, 0, 0, 0];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private TestHost? _host;

    private TestHost Host => _host!;

    public async Task InitializeAsync() => _host = await TestHost.StartAsync();

    public async Task DisposeAsync()
    {
        await Host.IsIdleAsync();
        await Host.DisposeAsync();
    }

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Json_ByCurl_IsAnsweredInJson()
    {
        using var response = await JsonAsync(Unary, """{"responseSize": 3, "fillUsername": true}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        (await BodyAsync(response)).GetProperty("payload").GetProperty("body").GetString().ShouldBe("AAAA");
    }

    [Fact]
    public async Task AnErrorInJson_HasAStatusACodeAndDetailsForPeople()
    {
        using var response = await JsonAsync(Empty, "{}", (TestService.ModeHeader, "details"));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.GetValues("trailer-x-test-trailer").ShouldBe(["sent with the error"]);
        var body = await BodyAsync(response);
        body.GetProperty("code").GetString().ShouldBe("failed_precondition");
        body.GetProperty("message").GetString().ShouldBe("not now");
        var detail = body.GetProperty("details")[0];
        detail.GetProperty("type").GetString().ShouldBe("grpc.testing.EchoStatus");
        detail.GetProperty("debug").GetProperty("message").GetString().ShouldBe("typed");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"responseSize": "many"}""")]
    [InlineData("""{"responseSize": 99999999999}""")]
    [InlineData("""{"misspelt": 1}""")]
    [InlineData("""{"payload": {"body": "*"}}""")]
    public async Task JsonThatIsNoMessage_IsInvalidArgument(string json)
    {
        using var response = await JsonAsync(Unary, json);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await BodyAsync(response)).GetProperty("code").GetString().ShouldBe("invalid_argument");
    }

    [Theory]
    [InlineData("application/json", 5_000_000, "\"resource_exhausted\"")]
    [InlineData("application/json", 1, "\"invalid_argument\"")]
    [InlineData("application/grpc-web+proto", 5_000_000, "grpc-status: 8")]
    [InlineData("application/grpc-web+proto", 1, "grpc-status: 13")]
    public async Task ABodyThatIsRefused_IsAnswered_AndCostsNoConnection(string type, int size, string why)
    {
        var connections = 0;
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        for (var times = 0; times < 3; times++)
        {
            // as JSON no message, and as a frame one of flags that there are not, or one that is too long
            var body = Enumerable.Repeat((byte)(size == 1 ? 'x' : 0), size + 5).ToArray();
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), size);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            using var response = await http.PostAsync(Host.Http1Address + Unary, content).InTimeAsync();
            var headers = string.Join('\n', response.Headers.Select(header => $"{header.Key}: {string.Join(' ', header.Value)}"));
            $"{headers}\n{await response.Content.ReadAsStringAsync()}".ShouldContain(why);
        }

        connections.ShouldBe(1);
    }

    [Fact]
    public async Task DeepJson_IsRefused()
    {
        var json = string.Concat(Enumerable.Repeat("""{"payload":""", 5000)) + "{}" + new string('}', 5000);
        using var response = await JsonAsync(Unary, json);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task AnUnexpectedException_LeaksNothing()
    {
        using var response = await JsonAsync(Empty, "{}", (TestService.ModeHeader, "throw"));
        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(TestService.Secret);
    }

    [Theory]
    [InlineData("Connect-Timeout-Ms", "soon")]
    [InlineData("Connect-Timeout-Ms", "12345678901")]
    [InlineData("Connect-Protocol-Version", "2")]
    public async Task AWrongHeader_IsInvalidArgument(string name, string value)
    {
        using var response = await JsonAsync(Empty, "{}", (name, value));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ATimeout_IsADeadline()
    {
        using var response = await JsonAsync(Empty, "{}", (TestService.ModeHeader, "hang"), ("Connect-Timeout-Ms", "50"));
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        await Host.Service.SeesAsync("cancelled");
    }

    [Fact]
    public async Task AGet_CallsWhatHasNoSideEffects_AndNothingElse()
    {
        var query = "?connect=v1&encoding=json&message=" + Uri.EscapeDataString("""{"responseSize":3}""");
        using var response = await _http.GetAsync(Host.Http1Address + Cacheable + query).InTimeAsync();
        (await BodyAsync(response)).GetProperty("payload").GetProperty("body").GetString().ShouldBe("AAAA");
        using var refused = await _http.GetAsync(Host.Http1Address + Unary + query).InTimeAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        refused.Content.Headers.Allow.ShouldBe(["POST"]);
        using var put = await _http.PutAsync(Host.Http1Address + Cacheable + query, new ByteArrayContent([])).InTimeAsync();
        put.Content.Headers.Allow.ShouldBe(["POST", "GET"]);
    }

    [Theory]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=UTF-8")]
    public async Task AContentType_IsTheSame_HoweverItIsWritten(string type)
    {
        using var response = await SendAsync(Host.Http1Address, HttpVersion.Version11, Unary, type, "{}"u8.ToArray());
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/grpcx")]
    [InlineData("application/connect+json")]
    public async Task AnotherContentType_IsUnsupported(string? type)
    {
        using var response = await SendAsync(Host.Http1Address, HttpVersion.Version11, Unary, type, []);
        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        response.Headers.GetValues("Accept-Post").Single().ShouldContain("application/json");
    }

    [Fact]
    public async Task GrpcByHttp1_NeedsAnUpgrade()
    {
        using var response = await SendAsync(Host.Http1Address, HttpVersion.Version11, Empty, "application/grpc", s_emptyFrame);
        response.StatusCode.ShouldBe(HttpStatusCode.UpgradeRequired);
    }

    [Fact]
    public async Task GrpcWithoutTe_IsToldAboutProxies()
    {
        using var response = await SendAsync(Host.Address, HttpVersion.Version20, Empty, "application/grpc", s_emptyFrame, te: null);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("grpc-status").ShouldBe(["13"]);
        Uri.UnescapeDataString(response.Headers.GetValues("grpc-message").Single()).ShouldContain("te: trailers");
    }

    [Theory]
    [InlineData("grpc-timeout", "1s", RpcCode.Internal)]
    [InlineData("grpc-timeout", "0n", RpcCode.DeadlineExceeded)]
    [InlineData("grpc-encoding", "snappy", RpcCode.Unimplemented)]
    [InlineData("grpc-encoding", "identity", RpcCode.Ok)]
    [InlineData("grpc-timeout", "99999999H", RpcCode.Ok)]
    public async Task AHeaderOfTheProtocol_IsRead(string name, string value, RpcCode code)
    {
        using var response = await SendAsync(Host.Address, HttpVersion.Version20, Empty, "application/grpc", s_emptyFrame, headers: (name, value));
        (await StatusAsync(response)).ShouldBe(code);
        if (code == RpcCode.Unimplemented) response.Headers.GetValues("grpc-accept-encoding").ShouldBe(["identity,gzip"]);
    }

    [Theory]
    [InlineData(new byte[] { }, RpcCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0 }, RpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 5, 1 }, RpcCode.Internal)]
    [InlineData(new byte[] { 9, 0, 0, 0, 0 }, RpcCode.Internal)]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, RpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, RpcCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0x7F, 0, 0, 0 }, RpcCode.ResourceExhausted)]
    public async Task ABodyThatIsNotOneMessage_IsRefused(byte[] body, RpcCode code)
    {
        using var response = await SendAsync(Host.Address, HttpVersion.Version20, Empty, "application/grpc", body);
        (await StatusAsync(response)).ShouldBe(code);
    }

    [Fact]
    public async Task ABomb_CostsNoMoreThanTheLimit()
    {
        using var packed = new OrleansFlow.Rpc.Wire.PooledBuffer();
        OrleansFlow.Rpc.Wire.Gzip.Compress(new System.Buffers.ReadOnlySequence<byte>(new byte[100_000_000]), packed);
        using var frame = new OrleansFlow.Rpc.Wire.PooledBuffer();
        OrleansFlow.Rpc.Wire.FrameWriter.WriteFrame(frame, 1, packed.Written.Span);
        using var response = await SendAsync(Host.Address, HttpVersion.Version20, Unary, "application/grpc", frame.Written.ToArray(), headers: ("grpc-encoding", "gzip"));
        (await StatusAsync(response)).ShouldBe(RpcCode.ResourceExhausted);
    }

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("identity", 0)]
    [InlineData("snappy", 0)]
    public async Task AResponse_IsPacked_ForWhomeverAcceptsIt(string accepted, byte flag)
    {
        using var frame = new OrleansFlow.Rpc.Wire.PooledBuffer();
        var request = new Protos.SimpleRequest { ResponseSize = 100_000, ResponseCompressed = new Protos.BoolValue { Value = true } };
        OrleansFlow.Rpc.Wire.FrameWriter.Write(frame, request, OrleansFlow.Rpc.Wire.MessageCodec.Proto, compress: false);
        using var response = await SendAsync(
            Host.Address, HttpVersion.Version20, Unary, "application/grpc", frame.Written.ToArray(), headers: ("grpc-accept-encoding", accepted));
        var body = await response.Content.ReadAsByteArrayAsync();
        body[0].ShouldBe(flag);
        (body.Length < 10_000).ShouldBe(flag == 1);
        response.Headers.Contains("grpc-encoding").ShouldBe(flag == 1);
    }

    [Fact]
    public async Task AStream_MayBeLongerThanAnyLimitOfBodies()
    {
        using var frame = new OrleansFlow.Rpc.Wire.PooledBuffer();
        var message = new Protos.StreamingInputCallRequest { Payload = Methods.Zeros(1_000_000) };
        for (var i = 0; i < 40; i++) OrleansFlow.Rpc.Wire.FrameWriter.Write(frame, message, OrleansFlow.Rpc.Wire.MessageCodec.Proto, compress: false);
        using var response = await SendAsync(Host.Address, HttpVersion.Version20, Input, "application/grpc", frame.Written.ToArray());
        (await StatusAsync(response)).ShouldBe(RpcCode.Ok);
    }

    [Fact]
    public async Task AnUnknownPath_IsNotFound_UnlessItIsACall()
    {
        using var plain = await SendAsync(Host.Http1Address, HttpVersion.Version11, "/some/page", "text/plain", []);
        plain.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var call = await JsonAsync("/grpc.testing.TestService/NoSuch", "{}");
        call.StatusCode.ShouldBe(HttpStatusCode.NotImplemented);
        var message = (await BodyAsync(call)).GetProperty("message").GetString()!;
        message.ShouldContain("grpc.testing.TestService/NoSuch");
        message.ShouldNotContain("UnaryCall");
    }

    private Task<HttpResponseMessage> JsonAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(Host.Http1Address, HttpVersion.Version11, path, "application/json", Encoding.UTF8.GetBytes(json), null, headers);

    private async Task<HttpResponseMessage> SendAsync(
        string host, Version version, string path, string? type, byte[] body, string? te = "trailers", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, host + path)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        if (type is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (te is not null) request.Headers.TryAddWithoutValidation("te", te);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request).InTimeAsync();
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    private static async Task<RpcCode> StatusAsync(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await response.Content.ReadAsByteArrayAsync();
        var headers = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        return (RpcCode)int.Parse(headers.GetValues("grpc-status").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
