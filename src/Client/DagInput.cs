using Google.Protobuf;
using OrleansFlow.Client.Dags;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Client;

/// <summary>A DAG to check, apply or run: built in C#, or a DAG file.</summary>
public sealed class DagInput
{
    private DagInput(DagSource source) => Source = source;

    internal DagSource Source { get; }

    /// <summary>A DAG that was built in C#.</summary>
    public static implicit operator DagInput(DagDefinition dag) => From(dag);

    /// <summary>A DAG that was built in C#.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="path">A file whose folder is the working directory of its tasks, where server and client share a machine. Default: none.</param>
    public static DagInput From(DagDefinition dag, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(dag);
        return FromSpec(dag.CanonicalJson, path);
    }

    /// <summary>The canonical JSON of a specification.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="path">See <see cref="From"/>.</param>
    public static DagInput FromSpec(string json, string? path = null) => new(new DagSource { SpecJson = json, Path = Full(path) });

    /// <summary>The text of a DAG file; the server reads it.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="path">See <see cref="From"/>.</param>
    public static DagInput FromYaml(string yaml, string? path = null) =>
        new(new DagSource { Yaml = ByteString.CopyFromUtf8(yaml), Path = Full(path) });

    /// <summary>The bytes of a DAG file, UTF-8; the server reads them.</summary>
    /// <param name="yaml">The bytes; not to be changed any more.</param>
    /// <param name="path">See <see cref="From"/>.</param>
    public static DagInput FromYaml(ReadOnlyMemory<byte> yaml, string? path = null) =>
        new(new DagSource { Yaml = UnsafeByteOperations.UnsafeWrap(yaml), Path = Full(path) });

    /// <summary>A DAG file; the server reads it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="inItsFolder">
    /// Its tasks work in the folder of the file, where server and client share a machine. On another machine they cannot start: there is no such
    /// folder. Default: no, they work in folders of their own.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<DagInput> FromFileAsync(string path, bool inItsFolder = false, CancellationToken cancellation = default) =>
        FromYaml(await File.ReadAllBytesAsync(path, cancellation), inItsFolder ? path : null);

    private static string Full(string? path) => string.IsNullOrEmpty(path) ? "" : Path.GetFullPath(path);
}
