using Google.Protobuf;
using Google.Protobuf.Reflection;
using OrleansFlow.Rpc.Server;

namespace OrleansFlow.Rpc.Reflection;

/// <summary>
/// The public reflection protocol, <c>grpc.reflection.v1</c> and <c>v1alpha</c>: tools that know nothing of the services ask the server for their
/// descriptors. Thread-safe.
/// </summary>
public static class ReflectionService
{
    /// <summary>Reflection about the given services and about itself: two services, to be mapped beside them.</summary>
    /// <param name="services">What the server offers.</param>
    public static RpcService[] For(params RpcService[] services)
    {
        ArgumentNullException.ThrowIfNull(services);
        ServiceDescriptor[] own = [V1.ReflectionReflection.Descriptor.Services[0], V1Alpha.ReflectionReflection.Descriptor.Services[0]];
        var index = new FileIndex([.. services.Select(service => service.Descriptor), .. own]);
        return
        [
            RpcService.For(own[0]).Duplex<V1.ServerReflectionRequest, V1.ServerReflectionResponse>(
                "ServerReflectionInfo", (requests, _) => AnswerAsync(requests, index)),
            RpcService.For(own[1]).Duplex<V1Alpha.ServerReflectionRequest, V1Alpha.ServerReflectionResponse>(
                "ServerReflectionInfo", (requests, _) => AnswerAlphaAsync(requests, index)),
        ];
    }

    private static async IAsyncEnumerable<V1.ServerReflectionResponse> AnswerAsync(
        IAsyncEnumerable<V1.ServerReflectionRequest> requests, FileIndex index)
    {
        await foreach (var request in requests) yield return Answer(request, index);
    }

    /// <summary>The two versions differ in their names only, so one is read as the other.</summary>
    private static async IAsyncEnumerable<V1Alpha.ServerReflectionResponse> AnswerAlphaAsync(
        IAsyncEnumerable<V1Alpha.ServerReflectionRequest> requests, FileIndex index)
    {
        await foreach (var request in requests)
        {
            var answer = Answer(V1.ServerReflectionRequest.Parser.ParseFrom(request.ToByteArray()), index);
            yield return V1Alpha.ServerReflectionResponse.Parser.ParseFrom(answer.ToByteArray());
        }
    }

    private static V1.ServerReflectionResponse Answer(V1.ServerReflectionRequest request, FileIndex index)
    {
        var response = new V1.ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case V1.ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new V1.ListServiceResponse();
                response.ListServicesResponse.Service.AddRange(index.Services.Select(name => new V1.ServiceResponse { Name = name }));
                break;
            case V1.ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AddFiles(response, index.ByName(request.FileByFilename), $"file '{request.FileByFilename}'");
                break;
            case V1.ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AddFiles(response, index.BySymbol(request.FileContainingSymbol), $"symbol '{request.FileContainingSymbol}'");
                break;
            case V1.ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                var asked = request.FileContainingExtension;
                AddFiles(
                    response, index.ByExtension(asked.ContainingType, asked.ExtensionNumber),
                    $"extension {asked.ExtensionNumber} of '{asked.ContainingType}'");
                break;
            case V1.ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                AddExtensions(response, request.AllExtensionNumbersOfType, index);
                break;
            default:
                SetError(response, RpcCode.InvalidArgument, "The request asks for nothing.");
                break;
        }

        return response;
    }

    private static void AddFiles(V1.ServerReflectionResponse response, IReadOnlyList<ByteString>? files, string what)
    {
        if (files is null)
        {
            SetError(response, RpcCode.NotFound, $"There is no {what} here.");
            return;
        }

        response.FileDescriptorResponse = new V1.FileDescriptorResponse();
        response.FileDescriptorResponse.FileDescriptorProto.AddRange(files);
    }

    private static void AddExtensions(V1.ServerReflectionResponse response, string type, FileIndex index)
    {
        var numbers = index.Extensions(type);
        if (numbers is null)
        {
            SetError(response, RpcCode.NotFound, $"There is no message '{type}' here.");
            return;
        }

        response.AllExtensionNumbersResponse = new V1.ExtensionNumberResponse { BaseTypeName = type };
        response.AllExtensionNumbersResponse.ExtensionNumber.AddRange(numbers);
    }

    private static void SetError(V1.ServerReflectionResponse response, RpcCode code, string message) =>
        response.ErrorResponse = new V1.ErrorResponse { ErrorCode = (int)code, ErrorMessage = message };
}
