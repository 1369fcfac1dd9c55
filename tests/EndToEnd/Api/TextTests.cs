using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;
using OrleansFlow.Rpc.Client;

namespace OrleansFlow.Tests.EndToEnd.Api;

/// <summary>Texts that no database can hold, or that are far too long, in every field of every method.</summary>
public sealed class TextTests(AbusedServer abused) : IClassFixture<AbusedServer>
{
    [Fact]
    public async Task ANulCharacter_IsRefusedWithItsField_WhereverItStands()
    {
        using var channel = abused.Server.NewChannel();
        var wrong = new List<string>();
        var asked = 0;
        foreach (var method in ApiDescriptors.Files.SelectMany(file => file.Services).Where(service => service.Name != "AttemptService").SelectMany(service => service.Methods))
        {
            foreach (var (path, request) in Poisoned(method.InputType, 3))
            {
                asked++;
                var error = await RefusalAsync(channel, method, request);
                if (error?.Code != RpcCode.InvalidArgument || error.Detail<BadRequest>()?.FieldViolations.Any(violation => violation.Field == path) != true)
                    wrong.Add($"{method.FullName} {path}: {error?.Code} {error?.Message}");
            }
        }

        wrong.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(60);
    }

    [Fact]
    public async Task AManifoldlyWrongRequest_IsAnsweredInFewWords()
    {
        using var channel = abused.Server.NewChannel();
        var request = new ListRunsRequest { Dag = new string('x', 100_000) };
        request.States.AddRange(Enumerable.Repeat(RunState.Unspecified, 10_000));
        var error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.List, request));
        (error.Code, error.Detail<BadRequest>()!.FieldViolations.Count).ShouldBe((RpcCode.InvalidArgument, 1));
        request.Dag = "dags/quick";
        error = await Should.ThrowAsync<RpcException>(channel.UnaryAsync(Methods.List, request));
        error.Detail<BadRequest>()!.FieldViolations.Count.ShouldBeInRange(1, 50);
        error.Message.ShouldMatch("and 99[0-9][0-9] more");
    }

    [Fact]
    public async Task AForgedToken_ThatNamesWhatCannotBe_IsRefused()
    {
        var first = await abused.Server.CallAsync("DagService/ListDags", """{"pageSize": 1}""");
        var token = Convert.FromBase64String(Padded(first["nextPageToken"]!.GetValue<string>()));
        var forged = Convert.ToBase64String([.. token[..8], .. "a\0b"u8]).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var (status, answer) = await abused.Server.TryAsync("DagService/ListDags", $$"""{"pageSize": 1, "pageToken": "{{forged}}"}""");
        (status, answer.ToJsonString().Contains("INVALID_PAGE_TOKEN", StringComparison.Ordinal)).ShouldBe((System.Net.HttpStatusCode.BadRequest, true), answer.ToJsonString());
    }

    private static string Padded(string base64Url) =>
        base64Url.Replace('-', '+').Replace('_', '/') + new string('=', (4 - base64Url.Length % 4) % 4);

    // Each text of a request by itself, with nothing else in it.
    private static IEnumerable<(string Path, IMessage Request)> Poisoned(MessageDescriptor type, int depth)
    {
        const string poison = "a\0b";
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.FieldType == FieldType.String && !field.IsMap)
            {
                var message = type.Parser.ParseFrom(ByteString.Empty);
                if (field.IsRepeated) ((System.Collections.IList)field.Accessor.GetValue(message)).Add(poison);
                else field.Accessor.SetValue(message, poison);
                yield return (field.IsRepeated ? $"{field.Name}[0]" : field.Name, message);
            }
            else if (field.FieldType == FieldType.Message && !field.IsRepeated && depth > 0 && !field.MessageType.File.Package.StartsWith("google", StringComparison.Ordinal))
            {
                foreach (var (path, inner) in Poisoned(field.MessageType, depth - 1))
                {
                    var message = type.Parser.ParseFrom(ByteString.Empty);
                    field.Accessor.SetValue(message, inner);
                    yield return ($"{field.Name}.{path}", message);
                }
            }
        }
    }

    private static async Task<RpcException?> RefusalAsync(RpcChannel channel, MethodDescriptor method, IMessage request)
    {
        try
        {
            var call = typeof(TextTests).GetMethod(nameof(CallAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
                .MakeGenericMethod(method.InputType.ClrType, method.OutputType.ClrType);
            await (Task)call.Invoke(null, [channel, method, request])!;
            return null;
        }
        catch (RpcException refused)
        {
            return refused;
        }
    }

    private static async Task CallAsync<TRequest, TResponse>(RpcChannel channel, MethodDescriptor method, TRequest request)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var typed = RpcMethod.Of<TRequest, TResponse>(method.Service, method.Name);
        if (!method.IsServerStreaming) await channel.UnaryAsync(typed, request);
        else await foreach (var _ in channel.ServerStreaming(typed, request)) return;
    }
}
