using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansFlow.Storage.Postgres.Migrations;

/// <summary>A numbered change of the schema. Never edited once released: the database keeps its checksum.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Text">The statements.</param>
public sealed record Migration(int Number, string Name, string Text)
{
    /// <summary>The SHA-256 of the text, in lower-case hex.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"))));

    /// <summary>The migrations that this program carries, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Load();

    private static Migration[] Load()
    {
        var assembly = typeof(Migration).Assembly;
        const string prefix = "migration/";
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(resource =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                    var parts = resource[prefix.Length..].Split('_', 2);
                    return new Migration(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], reader.ReadToEnd());
                }),
        ];
    }
}

/// <summary>The database cannot be brought to the schema of this program. The message says why and what to do.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
