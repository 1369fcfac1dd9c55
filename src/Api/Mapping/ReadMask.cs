using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Validation;

namespace OrleansFlow.Api.Mapping;

/// <summary>Which fields of a message are wanted, those of messages in lists too: <c>tasks.state</c>. Immutable and thread-safe.</summary>
internal sealed class ReadMask
{
    private readonly Dictionary<string, ReadMask?> _fields = new(StringComparer.Ordinal);

    /// <summary>Reads a mask; null for all fields. Paths that lead nowhere are noted.</summary>
    public static ReadMask? Read(string field, FieldMask? mask, MessageDescriptor type, RequestCheck check)
    {
        if (mask is null || mask.Paths.Count == 0 || mask.Paths.Contains("*")) return null;
        var read = new ReadMask();
        for (var i = 0; i < mask.Paths.Count; i++)
            if (!read.Add(mask.Paths[i].Split('.'), type)) check.Add($"{field}.paths[{i}]", "MALFORMED", $"'{mask.Paths[i]}' is no field of {type.Name}");
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

    private bool Add(string[] path, MessageDescriptor type)
    {
        if (type.FindFieldByName(path[0]) is not { } field) return false;
        if (path.Length == 1)
        {
            _fields[path[0]] = null;
            return true;
        }

        if (field.FieldType != FieldType.Message || field.IsMap) return false;
        if (_fields.TryGetValue(path[0], out var inner) && inner is null) return new ReadMask().Add(path[1..], field.MessageType);
        inner ??= new ReadMask();
        if (!inner.Add(path[1..], field.MessageType)) return false;
        _fields[path[0]] = inner;
        return true;
    }
}
