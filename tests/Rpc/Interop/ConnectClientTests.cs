using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Interop;

/// <summary>A foreign client of three protocols, @connectrpc/connect-node, against our server.</summary>
public sealed class ConnectClientTests : IAsyncLifetime
{
    private static readonly (string Protocol, string Http)[] s_ways =
        [("grpc", "2"), ("grpc-web", "1.1"), ("grpc-web", "2"), ("connect-json", "1.1"), ("connect-json", "2"), ("connect-proto", "1.1")];

    private static readonly string[] s_cases =
        ["unary", "server_streaming", "client_streaming", "metadata", "error_with_details", "special_message", "unimplemented", "timeout", "gzip", "too_large"];

    private readonly string _descriptors = Path.GetTempFileName();
    private TestHost? _host;

    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var (protocol, http) in s_ways)
        {
            foreach (var name in s_cases) data.Add(name, protocol, http);
            if (http == "2") data.Add("bidi", protocol, http);
            if (protocol.StartsWith("connect", StringComparison.Ordinal)) data.Add("get", protocol, http);
        }

        return data;
    }

    public async Task InitializeAsync()
    {
        var files = new FileDescriptorSet();
        files.File.Add(FileDescriptorProto.Parser.ParseFrom(MessagesReflection.Descriptor.SerializedData));
        files.File.Add(FileDescriptorProto.Parser.ParseFrom(TestReflection.Descriptor.SerializedData));
        await File.WriteAllBytesAsync(_descriptors, files.ToByteArray());
        _host = await TestHost.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.IsIdleAsync();
        await _host.DisposeAsync();
        File.Delete(_descriptors);
    }

    [NodeTheory]
    [MemberData(nameof(Cases))]
    public Task Case_Passes(string name, string protocol, string http) =>
        Node.PassesAsync("connect-client.mjs", name, protocol, http, http == "2" ? _host!.Address : _host!.Http1Address, _descriptors);
}
