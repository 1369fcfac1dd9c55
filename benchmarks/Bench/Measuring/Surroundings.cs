using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Npgsql;

namespace OrleansFlow.Bench.Measuring;

/// <summary>Where the numbers come from.</summary>
internal sealed record Surroundings
{
    public required string OrleansFlow { get; init; }

    /// <summary>Its version; null where it is no part of the question.</summary>
    public required string? Postgres { get; init; }

    public required string Runtime { get; init; }

    public required string Machine { get; init; }

    public required int Processors { get; init; }

    public required string LoadAverage { get; init; }

    /// <summary>Settings of PostgreSQL that decide how durable and how fast it is.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The load of the machine over 1, 5 and 15 minutes.</summary>
    public static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3));

    /// <summary>The load of the machine over the last minute.</summary>
    public static double LoadOfMinute() => double.Parse(Load().Split(' ')[0], CultureInfo.InvariantCulture);

    /// <exception cref="BenchException">The server is not durable: no number counts.</exception>
    public static async Task<Surroundings> LookAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        string[] durable = ["fsync", "synchronous_commit", "full_page_writes"];
        string[] others = ["shared_buffers", "max_wal_size", "wal_buffers", "max_connections", "wal_compression"];
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in durable.Concat(others)) settings[name] = await ShowAsync(database, name, cancellation);
        foreach (var name in durable)
            if (settings[name] != "on") throw new BenchException($"PostgreSQL runs with {name} = {settings[name]}; a number that counts needs it on");

        return Look() with { Postgres = await ShowAsync(database, "server_version", cancellation), Settings = settings };
    }

    /// <summary>The machine, without a database.</summary>
    public static Surroundings Look() => new()
    {
        OrleansFlow = typeof(Surroundings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?",
        Postgres = null,
        Runtime = RuntimeInformation.FrameworkDescription,
        Machine = $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        Processors = Environment.ProcessorCount,
        LoadAverage = Load(),
        Settings = new SortedDictionary<string, string>(StringComparer.Ordinal),
    };

    private static async Task<string> ShowAsync(NpgsqlDataSource database, string name, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"SHOW {name}");
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
