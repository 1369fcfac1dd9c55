using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>Signals to, and facts about, processes.</summary>
internal static class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    /// <summary>Whether a process of this id runs; one that has ended and waits for its parent does not.</summary>
    public static bool IsAlive(int pid) => StateOf(pid) is not ('Z' or 'X');

    /// <summary>Whether it is stopped by a signal.</summary>
    public static bool IsStopped(int pid) => StateOf(pid) == 'T';

    /// <summary>Processes with the text in their command line or environment.</summary>
    public static IEnumerable<int> Mentioning(string text) =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != Environment.ProcessId && (Holds(pid, "environ", text) || Holds(pid, "cmdline", text)));

    /// <summary>The processes that a process has started and that are there.</summary>
    public static int[] ChildrenOf(int pid) =>
        [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture))];

    // X where there is no such process
    private static char StateOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return 'X';
        }
    }

    private static bool Holds(int pid, string file, string text)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/{file}")).Contains(text, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
