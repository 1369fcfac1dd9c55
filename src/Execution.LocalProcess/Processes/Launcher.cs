using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using OrleansFlow.Scheduling.Execution;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>What to start.</summary>
/// <param name="Command">The program and its words.</param>
/// <param name="WorkingDirectory">Where it starts.</param>
/// <param name="Environment">All of its environment.</param>
/// <param name="PidFile">Where the launcher writes who it is before it becomes the command.</param>
internal sealed record LaunchOrder(
    IReadOnlyList<string> Command, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment, string PidFile);

/// <summary>
/// Starts a command in a session and process group of its own, with its output in pipes, nothing to read, default signals and no
/// other open files. Before it becomes the command, a few lines of shell write pid, start time and boot id into the attempt's folder:
/// from then on a later host finds it, whatever the command does to its environment.
/// </summary>
internal static unsafe class Launcher
{
    // $1 pid file, $2 working directory, then the command. Written over the file that reserved the room for it; the last line is empty, so that
    // a reader can tell a whole file, and one short write needs no rename.
    private const string Script =
        """
        __flow_pid=$1 __flow_folder=$2
        shift 2
        read -r __flow_stat </proc/$$/stat
        read -r __flow_boot </proc/sys/kernel/random/boot_id
        printf '%s\n%s\n\n' "$__flow_stat" "$__flow_boot" 1<>"$__flow_pid" || exit 127
        cd -- "$__flow_folder" || exit 127
        unset __flow_pid __flow_folder __flow_stat __flow_boot OLDPWD
        exec "$@"
        """;

    /// <summary>Starts it.</summary>
    /// <exception cref="LaunchException">The system refused.</exception>
    public static StartedChild Start(LaunchOrder order)
    {
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var error = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        try
        {
            var pid = Spawn(order, output, error);
            output.DisposeLocalCopyOfClientHandle();
            error.DisposeLocalCopyOfClientHandle();
            return new StartedChild(pid, output, error);
        }
        catch
        {
            output.Dispose();
            error.Dispose();
            throw;
        }
    }

    private static int Spawn(LaunchOrder order, AnonymousPipeServerStream output, AnonymousPipeServerStream error)
    {
        string[] words = ["/bin/sh", "-c", Script, "flow-launch", order.PidFile, order.WorkingDirectory, .. ThroughEnv(order)];
        using var argv = new TextArray(words);
        using var envp = new TextArray(order.Environment.Select(variable => $"{variable.Key}={variable.Value}"));

        var actions = stackalloc byte[Libc.OpaqueSize];
        var attributes = stackalloc byte[Libc.OpaqueSize];
        var signals = stackalloc byte[Libc.OpaqueSize];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            _ = Libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", Libc.OpenReadOnly, 0);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, (int)output.ClientSafePipeHandle.DangerousGetHandle(), 1);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, (int)error.ClientSafePipeHandle.DangerousGetHandle(), 2);

            // .NET ignores SIGPIPE, and an ignored signal would be inherited
            _ = Libc.sigfillset(signals);
            _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
            _ = Libc.sigemptyset(signals);
            _ = Libc.posix_spawnattr_setsigmask(attributes, signals);
            _ = Libc.posix_spawnattr_setflags(
                attributes, Libc.SpawnNewSession | Libc.SpawnDefaultSignals | Libc.SpawnSignalMask);

            int pid;
            var failure = Libc.posix_spawn(&pid, "/bin/sh", actions, attributes, argv.Pointer, envp.Pointer);
            return failure == 0 ? pid : throw Refused(order, failure);
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    // shells drop variables whose names they could not use themselves (a.b, a-b); env does not
    private static IEnumerable<string> ThroughEnv(LaunchOrder order)
    {
        var odd = order.Environment.Where(variable => !IsShellName(variable.Key)).Select(variable => $"{variable.Key}={variable.Value}").ToList();
        return odd.Count == 0 ? order.Command : ["/usr/bin/env", .. odd, .. order.Command];
    }

    private static bool IsShellName(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static LaunchException Refused(LaunchOrder order, int error) => error switch
    {
        Libc.ArgumentsTooLong => new LaunchException(
            "the command and its environment are too long for the system: one value has at most 128 KiB, all together about 2 MiB " +
            $"({Largest(order)} is the largest). Pass large data as a file, through inputs.") { Permanent = true },
        Libc.TryAgain => new LaunchException(
            "the system refused to start another process (too many are running): raise the limit (ulimit -u, pids.max) or run fewer tasks at once."),
        _ => new LaunchException($"the system refused to start {order.Command[0]}: {Libc.Message(error)}"),
    };

    private static string Largest(LaunchOrder order)
    {
        var variable = order.Environment.MaxBy(pair => pair.Value.Length);
        var word = order.Command.Max(text => text.Length);
        return variable.Value is not null && variable.Value.Length > word ? $"the variable {variable.Key}" : "a word of the command";
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class TextArray : IDisposable
    {
        private readonly int _count;

        public TextArray(IEnumerable<string> texts)
        {
            var all = texts.ToList();
            _count = all.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(all.Count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < all.Count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(all[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
                bytes.CopyTo(new Span<byte>(Pointer[i], bytes.Length));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++) NativeMemory.Free(Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}

/// <summary>A child that was started.</summary>
/// <param name="Pid">Its pid: also its session and process group.</param>
/// <param name="Output">What it writes to standard output.</param>
/// <param name="Error">What it writes to standard error.</param>
internal sealed record StartedChild(int Pid, Stream Output, Stream Error) : IDisposable
{
    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
    }
}
