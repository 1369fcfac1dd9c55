using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansFlow.Rpc.Reflection;

/// <summary>The descriptors behind a set of services, by file, by symbol and by extension.</summary>
internal sealed class FileIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, int Number), FileDescriptor> _extensions = [];

    public FileIndex(IEnumerable<ServiceDescriptor> services)
    {
        Services = [.. services.Select(service => service.FullName).Order(StringComparer.Ordinal)];
        foreach (var service in services) AddFile(service.File);
    }

    public IReadOnlyList<string> Services { get; }

    /// <summary>The file and all it imports, importers first; null when there is no such file.</summary>
    public IReadOnlyList<ByteString>? ByName(string file) => _files.TryGetValue(file, out var found) ? WithImports(found) : null;

    /// <summary>The file that declares a symbol, and its imports; null when nobody declares it.</summary>
    public IReadOnlyList<ByteString>? BySymbol(string symbol) => _symbols.TryGetValue(symbol.TrimStart('.'), out var found) ? WithImports(found) : null;

    /// <summary>The file that declares an extension, and its imports; null when nobody declares it.</summary>
    public IReadOnlyList<ByteString>? ByExtension(string type, int number) =>
        _extensions.TryGetValue((type.TrimStart('.'), number), out var found) ? WithImports(found) : null;

    /// <summary>The numbers of a message's extensions; null when the message is unknown.</summary>
    public IReadOnlyList<int>? Extensions(string type) =>
        _symbols.ContainsKey(type.TrimStart('.'))
            ? [.. _extensions.Keys.Where(key => key.Type == type.TrimStart('.')).Select(key => key.Number).Order()]
            : null;

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file)) return;
        foreach (var import in file.Dependencies) AddFile(import);
        foreach (var message in file.MessageTypes) AddMessage(message);
        foreach (var type in file.EnumTypes) AddEnum(type);
        foreach (var service in file.Services)
        {
            _symbols[service.FullName] = file;
            foreach (var method in service.Methods) _symbols[method.FullName] = file;
        }

        AddExtensions(file.Extensions.UnorderedExtensions, file);
    }

    private void AddMessage(MessageDescriptor message)
    {
        _symbols[message.FullName] = message.File;
        foreach (var field in message.Fields.InDeclarationOrder()) _symbols[field.FullName] = message.File;
        foreach (var oneof in message.Oneofs) _symbols[oneof.FullName] = message.File;
        foreach (var nested in message.NestedTypes) AddMessage(nested);
        foreach (var type in message.EnumTypes) AddEnum(type);
        AddExtensions(message.Extensions.UnorderedExtensions, message.File);
    }

    private void AddEnum(EnumDescriptor type)
    {
        _symbols[type.FullName] = type.File;
        foreach (var value in type.Values) _symbols[value.FullName] = type.File;
    }

    private void AddExtensions(IEnumerable<FieldDescriptor> extensions, FileDescriptor file)
    {
        foreach (var extension in extensions)
        {
            _symbols[extension.FullName] = file;
            _extensions[(extension.ExtendeeType.FullName, extension.FieldNumber)] = file;
        }
    }

    private static List<ByteString> WithImports(FileDescriptor file)
    {
        var result = new List<ByteString>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Add(file);
        return result;

        void Add(FileDescriptor next)
        {
            if (!seen.Add(next.Name)) return;
            result.Add(next.SerializedData);
            foreach (var import in next.Dependencies) Add(import);
        }
    }
}
