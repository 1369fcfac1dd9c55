namespace OrleansFlow.Tests.Unit.DagFiles;

/// <summary>
/// Files that say what is expected, in folders beside the tests. With <c>UPDATE_GOLDEN=1</c> in the environment, what is
/// found is written over them, for a person to read in the diff.
/// </summary>
internal static class GoldenFiles
{
    public static string Repository { get; } = FindRepository();

    public static string Folder(params string[] path) => Path.Combine([Repository, .. path]);

    public static void ShouldMatch(string actual, string file)
    {
        actual = actual.TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(file, actual);

        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        actual.ShouldBe(expected, $"{Path.GetRelativePath(Repository, file)} differs; UPDATE_GOLDEN=1 rewrites it");
    }

    private static string FindRepository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "OrleansFlow.sln")))
                return folder;
        throw new InvalidOperationException("the tests do not run below the repository");
    }
}
