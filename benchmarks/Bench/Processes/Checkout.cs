namespace OrleansFlow.Bench.Processes;

/// <summary>The checkout that the program was built in.</summary>
internal static class Checkout
{
    /// <summary>Its folder.</summary>
    /// <exception cref="BenchException">The program was moved out of it.</exception>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OrleansFlow.sln")))
                return folder.FullName;
        throw new BenchException("the bench runs from inside a checkout only");
    }
}
