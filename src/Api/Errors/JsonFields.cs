using System.Text;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Errors;

/// <summary>Names of fields for callers who speak JSON, in which they are lowerCamelCase. Pure.</summary>
internal static class JsonFields
{
    /// <summary>The same error with its fields named as JSON names them, in the details and in the message.</summary>
    /// <param name="error">The error.</param>
    /// <param name="request">The message that its fields are of.</param>
    public static RpcException Rename(RpcException error, MessageDescriptor request)
    {
        if (error.Detail<BadRequest>() is not { } bad) return error;
        var (renamed, message, from) = (bad.Clone(), error.Message, 0);
        foreach (var violation in renamed.FieldViolations)
        {
            var name = NameOf(violation.Field, request);
            var at = message.IndexOf(violation.Field + ": ", from, StringComparison.Ordinal);
            if (at >= 0)
            {
                message = message[..at] + name + message[(at + violation.Field.Length)..];
                from = at + name.Length;
            }

            violation.Field = name;
        }

        return new RpcException(
            error.Code, message, error.Details.Select(detail => ReferenceEquals(detail, bad) ? renamed : detail), error.Trailers, error);
    }

    /// <summary>The path of a field as JSON has it. What callers name themselves, such as keys of maps, stays as it is.</summary>
    /// <param name="path">The path by proto names, such as <c>source.spec_json</c> or <c>states[0]</c>.</param>
    /// <param name="request">The message that it begins in.</param>
    public static string NameOf(string path, MessageDescriptor request)
    {
        var name = new StringBuilder();
        var (type, rest) = (request, path);
        while (type is not null && rest.Length > 0)
        {
            var end = rest.AsSpan().IndexOfAny('.', '[');
            var segment = end < 0 ? rest : rest[..end];
            if (type.FindFieldByName(segment) is not { } field) break;
            var next = rest.IndexOf('.', StringComparison.Ordinal);
            name.Append(field.JsonName).Append(rest, segment.Length, (next < 0 ? rest.Length : next + 1) - segment.Length);
            rest = next < 0 ? "" : rest[(next + 1)..];
            type = field is { FieldType: FieldType.Message, IsMap: false } && !IsFree(field.MessageType) ? field.MessageType : null;
        }

        return name.Append(rest).ToString();
    }

    private static bool IsFree(MessageDescriptor type) => type.File == StructReflection.Descriptor || type.File == FieldMaskReflection.Descriptor;
}
