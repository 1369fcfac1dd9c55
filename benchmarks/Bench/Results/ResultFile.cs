using System.Globalization;
using System.Text.Json;

namespace OrleansFlow.Bench.Results;

/// <summary>One JSON document for each run of a bench; none is ever overwritten, losing ones included.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Returns the path of the file.</summary>
    public static async Task<string> WriteAsync<T>(string folder, T result, string bench, DateTimeOffset at, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"{bench}-{at.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.json");
        var path = Path.GetFullPath(Path.Combine(folder, name));
        await using var file = new FileStream(path, FileMode.CreateNew);
        await JsonSerializer.SerializeAsync(file, result, Format, cancellation);
        return path;
    }
}
