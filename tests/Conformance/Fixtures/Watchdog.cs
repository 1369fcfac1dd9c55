using System.Diagnostics;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.PrivatePostgres;

namespace OrleansFlow.Tests.Conformance.Fixtures;

/// <summary>
/// A process that stops the server of a data folder and removes the folder once this process has ended, however it ended:
/// it reads from a pipe that only this process holds open for writing, and the end of file is this process's end.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const string Script =
        """
        read -r _
        pid=$(head -n 1 "$0/postgres/postmaster.pid" 2>/dev/null)
        if [ -n "$pid" ]; then
          kill -QUIT "$pid"
          i=0
          while [ $i -lt 50 ] && [ -e "$0/postgres/postmaster.pid" ]; do sleep 0.1; i=$((i+1)); done
        fi
        rm -rf "$0" "$1"
        """;

    private readonly Process _process;

    private Watchdog(Process process) => _process = process;

    public static Watchdog Guard(DataFolder folder)
    {
        var info = Tool.Describe(Tool.InOwnSession(
            ["/bin/sh", "-c", Script, folder.Root, SocketFolder.For(folder.Root, Posix.EffectiveUser)]));
        info.RedirectStandardInput = true;
        // Not this process's own outputs: whoever reads those would wait for the watchdog.
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        return new Watchdog(Process.Start(info)!);
    }

    /// <summary>Lets it do its work now, and waits for it.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
