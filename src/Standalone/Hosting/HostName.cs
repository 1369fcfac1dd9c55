namespace OrleansFlow.Standalone.Hosting;

/// <summary>The id of an embedded host, and what it says to people: <c>flow-PID-CHANCE-MACHINE</c>.</summary>
internal static class HostName
{
    private const int LongestMachine = 32;

    /// <summary>The id of this process as a host.</summary>
    /// <param name="chance">Tells it from another process of the same pid.</param>
    public static string Create(string chance) =>
        $"flow-{Environment.ProcessId}-{chance}-{string.Concat(Environment.MachineName.Where(char.IsAsciiLetterOrDigit).Take(LongestMachine))}";

    /// <summary><c>process 42 on laptop (host flow-42-abcde-laptop)</c>.</summary>
    public static string Describe(string id) =>
        id.Split('-', 4) is ["flow", var pid, _, var machine] ? $"process {pid} on {machine} (host {id})" : $"host {id}";
}
