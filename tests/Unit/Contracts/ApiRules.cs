using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using OrleansFlow.Contracts.V1;
using Level = Google.Protobuf.Reflection.MethodOptions.Types.IdempotencyLevel;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>The conventions of <c>src/Contracts/proto/README.md</c>: what in a file breaks them.</summary>
internal static partial class ApiRules
{
    /// <summary>What lacks a comment that says what it is, in sentences.</summary>
    public static IEnumerable<string> Uncommented(FileDescriptor file) =>
        All(file).Where(each => Comment(each) is not [.., '.' or ')']).Select(each => $"{each.FullName} has no comment that ends with a full stop");

    /// <summary>Names that are written otherwise than their kind is.</summary>
    public static IEnumerable<string> MisspeltNames(FileDescriptor file) => All(file)
        .Where(each => !(each switch
        {
            FieldDescriptor => SnakeCase().IsMatch(each.Name),
            EnumValueDescriptor value => UpperCase().IsMatch(each.Name)
                && each.Name.StartsWith(Upper(value.EnumDescriptor.Name) + "_", StringComparison.Ordinal),
            ServiceDescriptor => PascalCase().IsMatch(each.Name) && each.Name.EndsWith("Service", StringComparison.Ordinal),
            _ => PascalCase().IsMatch(each.Name),
        }))
        .Select(each => $"{each.FullName} is not written as its kind is");

    /// <summary>Enums whose zero is a value of its own.</summary>
    public static IEnumerable<string> EnumsWithoutUnspecified(FileDescriptor file) => Enums(file)
        .Where(type => type.FindValueByNumber(0)?.Name != $"{Upper(type.Name)}_UNSPECIFIED")
        .Select(type => $"{type.FullName}: 0 is {type.FindValueByNumber(0)?.Name ?? "missing"}");

    /// <summary>Numbers that were left out, or were in use once: they have to be reserved, so that they are never used again.</summary>
    public static IEnumerable<string> NumbersLeftOut(FileDescriptor file)
    {
        foreach (var message in Messages(file))
        {
            var proto = message.ToProto();
            var used = proto.Field.Select(field => field.Number)
                .Concat(proto.ReservedRange.SelectMany(range => Enumerable.Range(range.Start, range.End - range.Start)));
            foreach (var number in Gaps(used, first: 1)) yield return $"{message.FullName}: {number} is neither used nor reserved";
        }

        foreach (var type in Enums(file))
        {
            var proto = type.ToProto();
            var used = proto.Value.Select(value => value.Number)
                .Concat(proto.ReservedRange.SelectMany(range => Enumerable.Range(range.Start, range.End - range.Start + 1)));
            foreach (var number in Gaps(used, first: 0)) yield return $"{type.FullName}: {number} is neither used nor reserved";
        }
    }

    /// <summary>Methods that do not say whether they only read, and commands that cannot be repeated.</summary>
    public static IEnumerable<string> CommandsWithoutIdentity(FileDescriptor file)
    {
        foreach (var method in Methods(file))
        {
            var level = method.GetOptions()?.IdempotencyLevel ?? Level.IdempotencyUnknown;
            var repeatable = method.InputType.FindFieldByName("request_id") is { FieldType: FieldType.String } || NamesAnAttempt(method);
            if (level == Level.IdempotencyUnknown) yield return $"{method.FullName} does not say its idempotency level";
            else if (level == Level.Idempotent && !repeatable) yield return $"{method.FullName} is a command without request_id";
            else if (level == Level.NoSideEffects && method.InputType.FindFieldByName("request_id") is not null)
                yield return $"{method.FullName} only reads and has a request_id";
        }
    }

    /// <summary>Lists that cannot be read page by page, and answers that repeat more than what they list.</summary>
    public static IEnumerable<string> ListsWithoutPages(FileDescriptor file) => Methods(file)
        .Where(method => method.Name.StartsWith("List", StringComparison.Ordinal))
        .Where(method => method.InputType.FindFieldByName("page_size") is not { FieldType: FieldType.Int32 }
            || method.InputType.FindFieldByName("page_token") is not { FieldType: FieldType.String }
            || method.OutputType.FindFieldByName("next_page_token") is not { FieldType: FieldType.String }
            || method.OutputType.Fields.InDeclarationOrder().Count(field => field.IsRepeated) != 1
            || method.OutputType.Fields.InDeclarationOrder()[0] is not { IsRepeated: true, FieldNumber: 1 })
        .Select(method => $"{method.FullName} lacks page_size, page_token, next_page_token or its list as field 1");

    /// <summary>Updates that cannot name what they change.</summary>
    public static IEnumerable<string> UpdatesWithoutMask(FileDescriptor file) => Methods(file)
        .Where(method => method.Name.StartsWith("Update", StringComparison.Ordinal))
        .Where(method => method.InputType.FindFieldByName("update_mask")?.MessageType.FullName != "google.protobuf.FieldMask")
        .Select(method => $"{method.FullName} has no update_mask");

    /// <summary>Requests that are shared or named otherwise than their method: they could not grow each for itself.</summary>
    public static IEnumerable<string> SharedRequests(FileDescriptor file) => Methods(file)
        .Where(method => method.InputType.Name != $"{method.Name}Request"
            || (method.OutputType.Name.EndsWith("Response", StringComparison.Ordinal) && method.OutputType.Name != $"{method.Name}Response")
            || method.OutputType.File.Package != file.Package
            || (method.IsServerStreaming && method.OutputType.Name != $"{method.Name}Response"))
        .Select(method => $"{method.FullName} takes {method.InputType.Name} and returns {method.OutputType.Name}");

    /// <summary>Moments and lengths of time that are named or typed otherwise than all others.</summary>
    public static IEnumerable<string> OddTimes(FileDescriptor file)
    {
        string[] dates = ["logical_date", "last_logical_date", "data_interval_start", "data_interval_end", "created_since", "deadline"];
        return Messages(file).SelectMany(message => message.Fields.InDeclarationOrder())
            .Where(field => IsTimestamp(field) != (field.Name.EndsWith("_time", StringComparison.Ordinal) || dates.Contains(field.Name)))
            .Select(field => $"{field.FullName}: a Timestamp is named ..._time, and nothing else is");
    }

    /// <summary>Reasons of errors that a method's comment names and that do not exist.</summary>
    public static IEnumerable<string> UnknownReasons(FileDescriptor file)
    {
        var known = ErrorsReflection.Descriptor.EnumTypes.Single().Values.Select(value => value.Name["ERROR_REASON_".Length..]).ToHashSet();
        return Methods(file)
            .Select(method => (method, Errors: ErrorsLine().Match(Comment(method)).Groups[1].Value))
            .SelectMany(entry => Reason().Matches(entry.Errors).Select(match => match.Value).Where(reason => !known.Contains(reason))
                .Select(reason => $"{entry.method.FullName} names {reason}, which errors.proto does not have"));
    }

    /// <summary><c>TaskState</c> is <c>TASK_STATE</c>.</summary>
    public static string Upper(string pascal) => WordStart().Replace(pascal, "_").ToUpperInvariant();

    private static IEnumerable<int> Gaps(IEnumerable<int> used, int first)
    {
        var numbers = used.ToHashSet();
        return numbers.Count == 0 ? [] : Enumerable.Range(first, numbers.Max() - first).Where(number => !numbers.Contains(number));
    }

    private static bool NamesAnAttempt(MethodDescriptor method) =>
        method.Service.Name == "AttemptService" && IsIdentity(method.InputType.FindFieldByName("attempt"))
        || (method.IsClientStreaming && IsIdentity(method.InputType.FindFieldByName("header")?.MessageType.FindFieldByName("attempt")));

    private static bool IsIdentity(FieldDescriptor? field) => field?.FieldType == FieldType.Message && field.MessageType.Name == "AttemptIdentity";

    private static bool IsTimestamp(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && field.MessageType.FullName == "google.protobuf.Timestamp";

    private static string Comment(IDescriptor each) => each switch
    {
        DescriptorBase described => described.Declaration?.LeadingComments.Trim() ?? "",
        _ => "",
    };

    private static IEnumerable<IDescriptor> All(FileDescriptor file) =>
    [
        .. file.Services, .. Methods(file), .. Enums(file), .. Enums(file).SelectMany(type => type.Values),
        .. Messages(file), .. Messages(file).SelectMany(message => message.Fields.InDeclarationOrder()),
    ];

    private static IEnumerable<MethodDescriptor> Methods(FileDescriptor file) => file.Services.SelectMany(service => service.Methods);

    private static IEnumerable<MessageDescriptor> Messages(FileDescriptor file) => file.MessageTypes.SelectMany(WithInner);

    private static IEnumerable<MessageDescriptor> WithInner(MessageDescriptor message) =>
        message.GetOptions()?.MapEntry == true ? [] : message.NestedTypes.SelectMany(WithInner).Prepend(message);

    private static IEnumerable<EnumDescriptor> Enums(FileDescriptor file) =>
        file.EnumTypes.Concat(Messages(file).SelectMany(message => message.EnumTypes));

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();

    [GeneratedRegex("^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$")]
    private static partial Regex UpperCase();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$")]
    private static partial Regex PascalCase();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex("Errors: (.*)$", RegexOptions.Singleline)]
    private static partial Regex ErrorsLine();

    [GeneratedRegex("[A-Z]+(_[A-Z]+)+")]
    private static partial Regex Reason();
}
