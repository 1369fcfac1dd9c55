using OrleansFlow.Domain.Launching;
using OrleansFlow.Execution.LocalProcess.Orphans;
using OrleansFlow.Execution.LocalProcess.Processes;
using OrleansFlow.Scheduling.Execution;
using OrleansFlow.TaskRuntime.Contract;
using OrleansFlow.TaskRuntime.Folders;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Execution.LocalProcess.Attempts;

/// <summary>From a plan to what the launcher needs.</summary>
internal static class Preparation
{
    /// <summary>Makes the attempt's folder and composes its order.</summary>
    /// <exception cref="LaunchException">It cannot be run here; the message is for the user.</exception>
    public static async Task<LaunchOrder> PrepareAsync(
        AttemptPlan plan, AttemptFolder folder, string? api, Services services, CancellationToken cancellation)
    {
        var connections = await ConnectionsAsync(plan, services.Connections, cancellation);
        var environment = TaskEnvironment.Compose(plan, folder, connections, services.Options.HostEnvironment(), api, services.Options.Traceparent(plan.Key));
        CheckEnvironment(plan, environment);
        CheckWorkingDirectory(plan);
        await FillAsync(plan, folder, services, cancellation);

        var workingDirectory = plan.WorkingDirectory ?? folder.Root;
        IReadOnlyList<string> command = plan.Script is null ? plan.Command : [.. plan.Command, folder.Script];
        if (CommandLookup.Problem(command[0], workingDirectory, environment.GetValueOrDefault("PATH")) is { } problem)
            throw Refused(plan, problem);
        if (command.Any(word => word.Contains('\0')))
            throw Refused(plan, "a word of the command contains a NUL character, which no program can be given.");
        return new LaunchOrder(command, workingDirectory, environment, folder.Pid);
    }

    private static async Task FillAsync(AttemptPlan plan, AttemptFolder folder, Services services, CancellationToken cancellation)
    {
        try
        {
            services.Folders.Make(folder.Root);
            await TaskFolders.PrepareAsync(plan, folder, services.Storage, cancellation);
            PidFile.Reserve(folder.Pid);
        }
        catch (AttemptStorageException e)
        {
            throw new LaunchException($"{plan.Key.Task}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"{plan.Key.Task}: the attempt's folder {folder.Root} cannot be made: {e.Message}", e);
        }
    }

    private static async Task<Dictionary<string, string>> ConnectionsAsync(
        AttemptPlan plan, IConnections connections, CancellationToken cancellation)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in plan.Connections)
        {
            var variable = TaskEnvironment.ConnectionVariable(name);
            if (values.Keys.FirstOrDefault(other => TaskEnvironment.ConnectionVariable(other) == variable && other != name) is { } twin)
                throw Refused(plan, $"the connections {twin} and {name} would both be {variable}; rename one of them.");
            values[name] = await connections.FindAsync(name, cancellation) ?? throw Refused(
                plan,
                $"the connection {name} is not defined. Set {variable} in the environment of the host " +
                "(for instance to a DSN) and run the task again.");
        }

        return values;
    }

    private static void CheckEnvironment(AttemptPlan plan, SortedDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0'))
                throw Refused(plan, $"'{name}' cannot be the name of an environment variable.");
            if (value.Contains('\0'))
                throw Refused(plan, $"the value of {name} contains a NUL character, which no environment can hold.");
        }
    }

    private static void CheckWorkingDirectory(AttemptPlan plan)
    {
        if (plan.WorkingDirectory is not { } folder || Directory.Exists(folder)) return;
        throw Refused(
            plan,
            $"the working directory {folder} " + (File.Exists(folder) ? "is a file." : "does not exist.") +
            " Make it, or correct working_dir in the DAG file.");
    }

    // what the DAG file or the machine says now, it says the next time too
    private static LaunchException Refused(AttemptPlan plan, string problem) => new($"{plan.Key.Task}: {problem}") { Permanent = true };
}
