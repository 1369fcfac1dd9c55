using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Artifacts.LocalFolder.Store;

/// <summary>What lies under a prefix: <see cref="AttemptPaths.Manifest"/>.</summary>
/// <param name="Files">The files, by name.</param>
internal sealed record Manifest(IReadOnlyList<ManifestFile> Files)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);

    public static Manifest? Parse(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, ManifestJson.Default.Manifest);
}

/// <summary>One file.</summary>
/// <param name="Name">Its path below the prefix, with forward slashes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of the content, in lower-case hex.</param>
internal sealed record ManifestFile(string Name, long Size, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
