using Google.Protobuf.Reflection;

namespace OrleansFlow.Tests.Unit.Contracts;

/// <summary>
/// All that clients can depend on, as text: one line <c>what = how</c> for each message, field, reservation, enum, value, service and
/// method. In the order of the files, so that a diff reads like a change of the protos.
/// </summary>
internal static class ApiSurface
{
    /// <summary>What there is, by what it is called on the wire: fields and values by number, everything else by name.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(IEnumerable<FileDescriptorProto> files)
    {
        var lines = new List<KeyValuePair<string, string>>();
        foreach (var file in files)
        {
            foreach (var service in file.Service) Add(lines, $"{file.Package}.{service.Name}", service);
            foreach (var message in file.MessageType) Add(lines, $"{file.Package}.{message.Name}", message);
            foreach (var type in file.EnumType) Add(lines, $"{file.Package}.{type.Name}", type);
        }

        return lines;
    }

    /// <summary>The text, with an empty line before each type.</summary>
    public static string Write(IEnumerable<KeyValuePair<string, string>> lines) =>
        string.Concat(lines.Select(line => line.Value.Length == 0 ? $"\n{line.Key}\n" : $"{line.Key} = {line.Value}\n")).TrimStart();

    /// <summary>What a text says.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(" = ", 2))
            .Select(parts => KeyValuePair.Create(parts[0], parts.Length == 2 ? parts[1] : ""))];

    /// <summary>What clients of the old surface cannot live with: whatever is gone or different.</summary>
    public static IReadOnlyList<string> Breaks(
        IEnumerable<KeyValuePair<string, string>> before, IEnumerable<KeyValuePair<string, string>> after)
    {
        var now = after.ToDictionary();
        return [.. before.Where(old => !now.TryGetValue(old.Key, out var young) || young != old.Value)
            .Select(old => now.TryGetValue(old.Key, out var young)
                ? $"{old.Key} was '{old.Value}' and is '{young}'"
                : $"{old.Key} is gone{(old.Value.Length == 0 ? "" : $": it was '{old.Value}'")}")];
    }

    private static void Add(List<KeyValuePair<string, string>> lines, string name, ServiceDescriptorProto service)
    {
        lines.Add(KeyValuePair.Create($"service {name}", ""));
        foreach (var method in service.Method)
        {
            var request = Stream(method.ClientStreaming, method.InputType);
            var response = Stream(method.ServerStreaming, method.OutputType);
            var level = method.Options?.IdempotencyLevel ?? MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown;
            lines.Add(KeyValuePair.Create($"method {name}.{method.Name}", $"({request}) returns ({response}), {level}"));
        }
    }

    private static void Add(List<KeyValuePair<string, string>> lines, string name, DescriptorProto message)
    {
        lines.Add(KeyValuePair.Create($"message {name}", ""));
        foreach (var field in message.Field) lines.Add(KeyValuePair.Create($"field {name} {field.Number}", Describe(message, field)));
        foreach (var range in message.ReservedRange)
            for (var number = range.Start; number < range.End; number++)
                lines.Add(KeyValuePair.Create($"reserved {name} {number}", "a number"));
        foreach (var reserved in message.ReservedName) lines.Add(KeyValuePair.Create($"reserved {name} {reserved}", "a name"));
        foreach (var inner in message.NestedType.Where(inner => inner.Options?.MapEntry != true)) Add(lines, $"{name}.{inner.Name}", inner);
        foreach (var inner in message.EnumType) Add(lines, $"{name}.{inner.Name}", inner);
    }

    private static void Add(List<KeyValuePair<string, string>> lines, string name, EnumDescriptorProto type)
    {
        lines.Add(KeyValuePair.Create($"enum {name}", ""));
        foreach (var value in type.Value) lines.Add(KeyValuePair.Create($"value {name} {value.Number}", value.Name));
        foreach (var range in type.ReservedRange)
            for (var number = range.Start; number <= range.End; number++)
                lines.Add(KeyValuePair.Create($"reserved {name} {number}", "a number"));
        foreach (var reserved in type.ReservedName) lines.Add(KeyValuePair.Create($"reserved {name} {reserved}", "a name"));
    }

    private static string Describe(DescriptorProto message, FieldDescriptorProto field)
    {
        var entry = message.NestedType.FirstOrDefault(
            inner => inner.Options?.MapEntry == true && field.TypeName.EndsWith($".{message.Name}.{inner.Name}", StringComparison.Ordinal));
        var type = entry is not null ? $"map<{Type(entry.Field[0])}, {Type(entry.Field[1])}>"
            : field.Label == FieldDescriptorProto.Types.Label.Repeated ? $"repeated {Type(field)}"
            : field.Proto3Optional ? $"optional {Type(field)}"
            : Type(field);
        var oneof = field.HasOneofIndex && !field.Proto3Optional ? $", one of {message.OneofDecl[field.OneofIndex].Name}" : "";
        return $"{field.Name}: {type}, JSON {field.JsonName}{oneof}";
    }

    private static string Type(FieldDescriptorProto field) =>
        field.TypeName.Length > 0 ? field.TypeName.TrimStart('.') : field.Type.ToString().ToLowerInvariant();

    private static string Stream(bool streams, string type) => (streams ? "stream " : "") + type.TrimStart('.');
}
