using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansFlow.Rpc.Reflection;

/// <summary>
/// Descriptors as tools expect them: generated C# leaves out the names of fields in JSON, and not every tool makes them up again.
/// </summary>
internal static class JsonNames
{
    /// <summary>The file's descriptor with the names filled in.</summary>
    public static ByteString Fill(FileDescriptor file)
    {
        var proto = FileDescriptorProto.Parser.ParseFrom(file.SerializedData);
        foreach (var message in proto.MessageType) Fill(message);
        return proto.ToByteString();
    }

    private static void Fill(DescriptorProto message)
    {
        foreach (var field in message.Field)
        {
            if (!field.HasJsonName) field.JsonName = NameOf(field.Name);
        }

        foreach (var nested in message.NestedType) Fill(nested);
    }

    /// <summary>The public rule: underscores go, and the letter after one is a capital.</summary>
    private static string NameOf(string field)
    {
        var name = new StringBuilder(field.Length);
        var capital = false;
        foreach (var c in field)
        {
            if (c != '_') name.Append(capital ? char.ToUpperInvariant(c) : c);
            capital = c == '_';
        }

        return name.ToString();
    }
}
