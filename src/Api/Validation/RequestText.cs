using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Validation;

/// <summary>
/// The texts of requests, of all fields of all methods: characters that no database, file name or terminal should see are refused before any
/// method looks, and so are texts that are far too long. Thread-safe.
/// </summary>
internal static class RequestText
{
    /// <summary>The greatest length of a text that no rule of its own limits.</summary>
    public const int Longest = 4096;

    private static readonly SearchValues<char> s_refused = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Append(0x7f).Select(code => (char)code).Where(c => c is not ('\t' or '\n' or '\r'))]);

    /// <summary>Fields whose readers know better how long they may be.</summary>
    private static readonly HashSet<string> s_long = new(StringComparer.Ordinal) { "spec_json", "page_token", "cursor" };

    private static readonly ConcurrentDictionary<MessageDescriptor, FieldDescriptor[]> s_fields = new();

    /// <summary>Looks at all texts of a request.</summary>
    /// <exception cref="RpcException">Some are refused; all of them are named.</exception>
    public static void Check(IMessage request)
    {
        var check = new RequestCheck();
        Visit(request, "", check);
        check.ThrowIfWrong();
    }

    private static void Visit(IMessage message, string path, RequestCheck check)
    {
        foreach (var field in s_fields.GetOrAdd(message.Descriptor, FieldsOf))
        {
            var at = PathOf(message, path, field);
            var value = field.Accessor.GetValue(message);
            if (field.IsMap) VisitMap((IDictionary)value, at, check);
            else if (field.IsRepeated) VisitList((IList)value, at, check);
            else VisitValue(value, at, s_long.Contains(field.Name) || message is Value, check);
        }
    }

    private static void VisitMap(IDictionary map, string path, RequestCheck check)
    {
        foreach (DictionaryEntry entry in map)
        {
            VisitValue(entry.Key, path, isLong: false, check);
            VisitValue(entry.Value, $"{path}.{Printable(entry.Key)}", isLong: true, check);
        }
    }

    private static void VisitList(IList list, string path, RequestCheck check)
    {
        for (var i = 0; i < list.Count; i++) VisitValue(list[i], $"{path}[{i}]", isLong: false, check);
    }

    private static void VisitValue(object? value, string path, bool isLong, RequestCheck check)
    {
        if (value is IMessage message) Visit(message, path, check);
        if (value is not string text) return;
        if (!isLong && text.Length > Longest) check.Add(path, "OUT_OF_RANGE", $"it has {text.Length} characters, at most {Longest} are allowed");
        else if (text.AsSpan().IndexOfAny(s_refused) is var place and >= 0)
            check.Add(path, "MALFORMED", $"it has the control character U+{(int)text[place]:X4}, as its character {place + 1}");
    }

    // In JSON a struct is an object, and its wrappings are not seen.
    private static string PathOf(IMessage message, string path, FieldDescriptor field) =>
        message is Struct or Value or ListValue ? path : path.Length == 0 ? field.Name : $"{path}.{field.Name}";

    private static string Printable(object key) => key is string text && text.AsSpan().IndexOfAny(s_refused) < 0 ? text : "?";

    private static FieldDescriptor[] FieldsOf(MessageDescriptor type) =>
        [.. type.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.String or FieldType.Message)];
}
