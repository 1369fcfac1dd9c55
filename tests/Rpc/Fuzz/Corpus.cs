namespace OrleansFlow.Tests.Rpc.Fuzz;

/// <summary>
/// The kept inputs, copied beside the tests: whole connections and single requests, valid ones and ones that once were trouble. Lines that begin with
/// # are comments.
/// </summary>
internal static class Corpus
{
    public static IReadOnlyList<(string Name, byte[] Bytes)> Connections { get; } =
        [.. Files("connection-*").Select(file => (file.Name, Convert.FromHexString(string.Concat(file.Lines))))];

    public static IReadOnlyList<FuzzRequest> Requests { get; } = [.. Files("request-*").Select(file => Read(file.Name, file.Lines))];

    private static FuzzRequest Read(string name, List<string> lines)
    {
        var blank = lines.IndexOf("");
        var headers = lines[1..blank].Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair[1]));
        return new FuzzRequest(name, lines[0].Split(' ')[1], [.. headers], Convert.FromHexString(string.Concat(lines[(blank + 1)..])));
    }

    private static IEnumerable<(string Name, List<string> Lines)> Files(string pattern) =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Corpus"), pattern).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadLines(path).Where(line => !line.StartsWith('#')).ToList()));
}

internal sealed record FuzzRequest(string Name, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body);
