using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Validation;

namespace OrleansFlow.Api.Mapping;

/// <summary>Which fields of a message are wanted, those of messages in lists too: <c>tasks.state</c>. Immutable and thread-safe.</summary>
internal sealed class ReadMask
{
    private const int LongestPath = 200;
    private const int DeepestPath = 8;
    private readonly Dictionary<string, ReadMask?> _fields = new(StringComparer.Ordinal);

    /// <summary>Reads a mask; null for all fields. Paths that lead nowhere are noted.</summary>
    public static ReadMask? Read(string field, FieldMask? mask, MessageDescriptor type, RequestCheck check)
    {
        if (mask is null || mask.Paths.Count == 0 || mask.Paths.Contains("*")) return null;
        var read = new ReadMask();
        for (var i = 0; i < mask.Paths.Count; i++)
            if (!read.Add(mask.Paths[i], type)) check.Add($"{field}.paths[{i}]", "MALFORMED", $"'{RequestCheck.Short(mask.Paths[i])}' is no field of {type.Name}");
        return read;
    }

    /// <summary>Whether a field is wanted, or something in it.</summary>
    public bool Wants(string field) => _fields.ContainsKey(field);

    /// <summary>Clears everything that is not wanted.</summary>
    public void Apply(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!_fields.TryGetValue(field.Name, out var inner)) field.Accessor.Clear(message);
            else if (inner is not null) inner.ApplyTo(field.Accessor.GetValue(message));
        }
    }

    private void ApplyTo(object? value)
    {
        if (value is IMessage message) Apply(message);
        else if (value is System.Collections.IEnumerable list)
            foreach (var item in list) ApplyTo(item);
    }

    // Types contain themselves, so paths could go on for ever: they are measured before they are walked.
    private bool Add(string path, MessageDescriptor type)
    {
        if (path.Length > LongestPath) return false;
        var names = path.Split('.');
        if (names.Length > DeepestPath) return false;
        ReadMask? mask = this;
        foreach (var name in names[..^1])
        {
            if (type.FindFieldByName(name) is not { FieldType: FieldType.Message, IsMap: false } field) return false;
            mask = mask?.Enter(name);
            type = field.MessageType;
        }

        if (type.FindFieldByName(names[^1]) is null) return false;
        if (mask is not null) mask._fields[names[^1]] = null;
        return true;
    }

    /// <summary>What is wanted of a field; null when that is all of it.</summary>
    private ReadMask? Enter(string field)
    {
        if (!_fields.TryGetValue(field, out var inner)) _fields[field] = inner = new ReadMask();
        return inner;
    }
}
