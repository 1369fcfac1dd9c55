using System.Diagnostics;

namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>The machine's small programs, and running one to its end.</summary>
internal static class Tool
{
    public static string? Find(string name) =>
        new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin" }
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>BusyBox has a setpriv that cannot change users.</summary>
    public static bool IsBusyBox(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name == "busybox";

    /// <summary>
    /// Makes a program the leader of a session of its own: a Ctrl-C or hang-up at the host's terminal does not reach it.
    /// macOS has no setsid program, but Perl.
    /// </summary>
    public static IEnumerable<string> InOwnSession(IEnumerable<string> command) => Find("setsid") is { } setsid
        ? [setsid, .. command]
        : ["/usr/bin/perl", "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127", .. command];

    /// <summary>The start of a program with nothing of this process's environment (it may hold secrets).</summary>
    public static ProcessStartInfo Describe(IEnumerable<string> command)
    {
        var info = new ProcessStartInfo { WorkingDirectory = "/", UseShellExecute = false };
        var first = true;
        foreach (var word in command)
        {
            if (first) info.FileName = word;
            else info.ArgumentList.Add(word);
            first = false;
        }

        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LC_ALL"] = "C";
        info.Environment["TZ"] = "UTC";
        return info;
    }

    /// <summary>Runs a program to its end; cancellation kills it and whatever it started.</summary>
    /// <returns>The exit code, and both outputs together.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> command, CancellationToken cancellationToken)
    {
        var info = Describe(command);
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }
}
