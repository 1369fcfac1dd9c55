using System.Net;
using System.Net.Sockets;
using OrleansFlow.Rpc.Client;
using OrleansFlow.Tests.Rpc.Harness;
using OrleansFlow.Tests.Rpc.Protos;

namespace OrleansFlow.Tests.Rpc.Fuzz;

/// <summary>
/// Damaged connections and requests against a real server: it goes on, forgets them, and none of them finds a defect (an error in its log). Bounded and
/// seeded: a failure names its input.
/// </summary>
public sealed class FuzzTests
{
    private const int MutationsOfEach = 60;

    [Fact]
    public async Task DamagedConnections_HarmNobody()
    {
        await using var host = await TestHost.StartAsync();
        foreach (var (name, bytes) in Corpus.Connections)
        {
            await Parallel.ForAsync(0, MutationsOfEach, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, cancellation) =>
            {
                var input = seed == 0 ? bytes : Mutations.Of(bytes, new Random(seed));
                await SendAsync(host.Port, input, cancellation).WaitAsync(Ceiling.Time, TimeProvider.System, cancellation);
            });
            host.Defects.ShouldBeEmpty(name);
        }

        await IsHealthyAsync(host);
    }

    [Fact]
    public async Task DamagedRequests_AreAnswered_AndHarmNobody()
    {
        await using var host = await TestHost.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (var request in Corpus.Requests)
        {
            await Parallel.ForAsync(0, MutationsOfEach, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, cancellation) =>
            {
                var input = seed == 0 ? request : Mutations.Of(request, new Random(seed));
                using var message = Message(host.Address, input);
                using var response = await http.SendAsync(message, cancellation).InTimeAsync();
                if (seed == 0) response.StatusCode.ShouldBe(HttpStatusCode.OK, request.Name);
            });
            host.Defects.ShouldBeEmpty(request.Name);
        }

        await IsHealthyAsync(host);
    }

    private static async Task SendAsync(int port, byte[] input, CancellationToken cancellation)
    {
        using var socket = await RawHttp2.ConnectAsync(port);
        try
        {
            await socket.SendAsync(input, cancellation);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // the server closed it: its right
        }
    }

    private static HttpRequestMessage Message(string host, FuzzRequest input)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, host + input.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(input.Body),
        };
        foreach (var (name, value) in input.Headers)
        {
            // the client itself refuses what is no ASCII
            var sent = new string([.. value.Where(char.IsAscii)]);
            if (name is "content-type" or "content-encoding") message.Content.Headers.TryAddWithoutValidation(name, sent);
            else message.Headers.TryAddWithoutValidation(name, sent);
        }

        return message;
    }

    private static async Task IsHealthyAsync(TestHost host)
    {
        await host.IsIdleAsync();
        using var channel = new RpcChannel(host.Address);
        await channel.UnaryAsync(Methods.Unary, new SimpleRequest { ResponseSize = 10 }).InTimeAsync();
        host.Defects.ShouldBeEmpty();
    }
}
