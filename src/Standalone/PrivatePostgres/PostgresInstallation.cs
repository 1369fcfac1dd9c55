using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>A PostgreSQL on this machine: the folder of its programs and its version.</summary>
internal sealed partial record PostgresInstallation(string Bin, int Major, int Minor)
{
    /// <summary>The oldest version whose SQL the store may use.</summary>
    public const int OldestMajor = 15;

    public string Server => Path.Combine(Bin, "postgres");

    public string InitDb => Path.Combine(Bin, "initdb");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor} in {Bin}");

    /// <summary>All installations in PATH and in the places where packages put them.</summary>
    public static IReadOnlyList<PostgresInstallation> FindAll() =>
        [.. CandidateFolders().Distinct().Where(HoldsServer).Select(Identify).OfType<PostgresInstallation>()];

    /// <summary>The installation to use: of the data's own version if there is data, else the newest.</summary>
    /// <param name="installed">What is on the machine.</param>
    /// <param name="dataVersion">The content of PG_VERSION, or null before the first start.</param>
    /// <param name="dataFolder">For the message.</param>
    /// <exception cref="HostStartException">Nothing suitable is installed.</exception>
    public static PostgresInstallation Choose(IReadOnlyList<PostgresInstallation> installed, int? dataVersion, string dataFolder)
    {
        var newestFirst = installed.OrderByDescending(one => one.Major).ThenByDescending(one => one.Minor).ToList();
        var found = newestFirst.Count == 0 ? "none was found" : "found: " + string.Join("; ", newestFirst);
        if (dataVersion is { } version)
            return newestFirst.FirstOrDefault(one => one.Major == version) ?? throw new HostStartException(
                StartProblem.VersionMismatch,
                $"The data in {dataFolder} was made by PostgreSQL {version}, which is not installed here ({found}).",
                $"Install PostgreSQL {version} beside the others ({InstallHint($"-{version}")}). To move to a newer version, "
                + "use pg_upgrade with both installed. To start afresh without the old data, choose another FLOW_DATA_DIR.");

        return newestFirst.FirstOrDefault(one => one.Major >= OldestMajor) ?? throw new HostStartException(
            StartProblem.NotInstalled,
            $"PostgreSQL {OldestMajor} or newer is not installed on this machine ({found}).",
            $"Install it ({InstallHint("")}), or give the connection string of a server you have.");
    }

    private static string InstallHint(string version) => OperatingSystem.IsMacOS()
        ? $"`brew install postgresql{(version.Length > 0 ? version.Replace('-', '@') : "@17")}`"
        : $"Debian and Ubuntu: `apt-get install --no-install-recommends postgresql{version}`";

    private static IEnumerable<string> CandidateFolders()
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            yield return folder.TrimEnd('/');

        (string Parent, string Pattern, string Bin)[] places =
        [
            ("/usr/lib/postgresql", "*", "bin"),
            ("/usr", "pgsql-*", "bin"),
            ("/usr/libexec", "postgresql*", ""),
            ("/usr/local", "pgsql", "bin"),
            ("/opt/homebrew/opt", "postgresql*", "bin"),
            ("/usr/local/opt", "postgresql*", "bin"),
            ("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
        ];
        foreach (var (parent, pattern, bin) in places)
            if (Directory.Exists(parent))
                foreach (var folder in Directory.EnumerateDirectories(parent, pattern))
                    yield return Path.Combine(folder, bin).TrimEnd('/');
    }

    private static bool HoldsServer(string folder) =>
        File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb"));

    private static PostgresInstallation? Identify(string bin)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Path.Combine(bin, "postgres"), "--version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            return ParseVersion(bin, process.StandardOutput.ReadToEnd());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal static PostgresInstallation? ParseVersion(string bin, string output) =>
        VersionLine().Match(output) is { Success: true } match
            ? new PostgresInstallation(
                bin,
                int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0)
            : null;

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)(?:\.(\d+))?")]
    private static partial Regex VersionLine();
}
