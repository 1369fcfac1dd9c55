using OrleansFlow.DagFiles;

namespace OrleansFlow.Cli.Dags;

/// <summary>A DAG file as it lies on the disk, for whoever reads it: this process or a server.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Content">What it holds; of a file that is too long, enough to tell.</param>
internal sealed record DagText(string File, ReadOnlyMemory<byte> Content)
{
    /// <summary>Where it lies: its folder is where local tasks work.</summary>
    public string FullPath => Path.GetFullPath(File);

    /// <summary>The one file that a command line names.</summary>
    /// <exception cref="CliException">It is none, or it cannot be read.</exception>
    public static DagText Open(string path)
    {
        if (Directory.Exists(path)) throw CliException.Invalid($"{path}: is a folder; name one DAG file");
        if (!System.IO.File.Exists(path)) throw CliException.Invalid($"{path}: there is no such file");
        try
        {
            return Load(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw CliException.Invalid($"{path}: cannot be read: {refused.Message}");
        }
    }

    /// <summary>Takes a file from the disk.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static DagText Load(string path)
    {
        using var stream = System.IO.File.OpenRead(path);
        return new DagText(path, DagFile.Load(stream));
    }

    /// <summary>Reads and checks it.</summary>
    public DagSource Read()
    {
        var result = DagFile.Parse(Content.Span, File);
        return new DagSource(File, result.Problems, result.Spec is { } spec ? ParsedDag.Of(spec) : null);
    }
}
