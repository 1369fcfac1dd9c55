using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Bench.Rpc;

/// <summary>The process of our server: the unary method of the public test service, until its input ends. Its first line is its port.</summary>
internal static class EchoServer
{
    public const string Role = "rpc-server";

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.UseRpcLimits();
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using var app = builder.Build();
        app.MapRpc(RpcService.For(TestReflection.Descriptor.Services[0])
            .Unary<SimpleRequest, SimpleResponse>("UnaryCall", (request, _) => Task.FromResult(Answer(request)))
            .NotOffered("EmptyCall").NotOffered("CacheableUnaryCall").NotOffered("StreamingOutputCall").NotOffered("StreamingInputCall")
            .NotOffered("FullDuplexCall").NotOffered("HalfDuplexCall").NotOffered("UnimplementedCall"));
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.First()).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
            // the bench goes on
        }
    }

    private static SimpleResponse Answer(SimpleRequest request) =>
        new() { Payload = new Payload { Body = ByteString.CopyFrom(new byte[request.ResponseSize]) } };
}
