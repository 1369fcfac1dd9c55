using Microsoft.AspNetCore.Builder;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Server;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Server;

public class ServiceTests
{
    [Fact]
    public async Task EverythingThatIsWrong_IsSaidAtOnce()
    {
        var service = RpcService.For(TestReflection.Descriptor.Services[0])
            .Unary<Empty, Empty>("EmptyCall", (request, _) => Task.FromResult(request))
            .Unary<Empty, Empty>("EmptyCall", (request, _) => Task.FromResult(request))
            .Unary<Empty, Empty>("UnaryCall", (request, _) => Task.FromResult(request))
            .Unary<Empty, Empty>("NoSuchCall", (request, _) => Task.FromResult(request))
            .Unary<StreamingInputCallRequest, StreamingInputCallResponse>("StreamingInputCall", (_, _) => Task.FromResult(new StreamingInputCallResponse()))
            .NotOffered("NoSuchEither");
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var options = new RpcServerOptions { MaxReceiveMessageSize = 0, DrainLimit = TimeSpan.FromSeconds(-1) };
        var error = Should.Throw<InvalidOperationException>(() => app.MapRpc(options, service, service));
        string[] facts =
        [
            "MaxReceiveMessageSize", "DrainLimit", "is mapped 2 times", "EmptyCall is given twice", "UnaryCall takes SimpleRequest", "'NoSuchCall'",
            "StreamingInputCall is ClientStreaming, not Unary", "'NoSuchEither'", "FullDuplexCall has no handler",
        ];
        foreach (var fact in facts) error.Message.ShouldContain(fact);
    }

    [Fact]
    public async Task ADrainThatTheHostWouldCut_IsRefused()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var error = Should.Throw<InvalidOperationException>(() => app.MapRpc(new RpcServerOptions { DrainLimit = TimeSpan.FromMinutes(1) }));
        error.Message.ShouldContain("shutdown timeout");
    }

    [Fact]
    public void AMethod_KnowsWhatItsDescriptorSays()
    {
        (Methods.Unary.Kind, Methods.Unary.Path).ShouldBe((RpcKind.Unary, "/grpc.testing.TestService/UnaryCall"));
        (Methods.Output.Kind, Methods.Input.Kind, Methods.Duplex.Kind).ShouldBe((RpcKind.ServerStreaming, RpcKind.ClientStreaming, RpcKind.Duplex));
        (Methods.Cacheable.HasNoSideEffects, Methods.Cacheable.IsIdempotent).ShouldBe((true, true));
        (Methods.Unary.HasNoSideEffects, Methods.Unary.IsIdempotent).ShouldBe((false, false));
    }

    [Fact]
    public void AMethod_WithOtherMessages_IsRefused() =>
        Should.Throw<ArgumentException>(() => RpcMethod.Of<Empty, SimpleResponse>(TestReflection.Descriptor.Services[0], "UnaryCall"))
            .Message.ShouldContain("takes SimpleRequest and returns SimpleResponse");

    [Fact]
    public void AMethodThatIsNotThere_IsRefused_WithThoseThatAre() =>
        Should.Throw<ArgumentException>(() => RpcMethod.Of<Empty, Empty>(TestReflection.Descriptor.Services[0], "Nope"))
            .Message.ShouldContain("EmptyCall");
}
