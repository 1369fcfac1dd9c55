using System.Diagnostics;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>
/// A data folder with its own private PostgreSQL, a folder of DAG files, and a folder of gates: files by which tests and tasks wait for each
/// other. Whatever still runs of it at the end is ended, also when the test process dies first.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private const string CleanUp =
        """
        read -r _
        pid=$(head -n 1 "$0/data/postgres/postmaster.pid" 2>/dev/null)
        socket=$(sed -n 5p "$0/data/postgres/postmaster.pid" 2>/dev/null)
        [ -z "$pid" ] || kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children") 2>/dev/null
        [ -z "$pid" ] || kill -QUIT "$pid" 2>/dev/null
        for process in $(grep -lsF -- "$0/" /proc/[0-9]*/environ /proc/[0-9]*/cmdline | cut -d/ -f3 | sort -u); do
          [ "$process" = $$ ] || [ "$process" = "$pid" ] || kill -KILL "$process" 2>/dev/null
        done
        i=0
        while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done
        umount "$0/data" 2>/dev/null
        case "$socket" in /tmp/?*) rm -rf "$socket" ;; esac
        rm -rf "$0"
        """;

    private readonly List<FlowProcess> _started = [];
    private readonly Process _watchdog;

    public Installation()
    {
        Root = Directory.CreateTempSubdirectory("flow-e2e-").FullName;
        // PostgreSQL's account must be able to pass.
        File.SetUnixFileMode(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Gates = Directory.CreateDirectory(Path.Combine(Root, "gates")).FullName;
        Dags = Directory.CreateDirectory(Path.Combine(Root, "dags")).FullName;
        Data = Path.Combine(Root, "data");
        var info = FlowProgram.Captured("/usr/bin/setsid", ["/bin/sh", "-c", CleanUp, Root]);
        _watchdog = Process.Start(info)!;
    }

    public string Root { get; }

    /// <summary>What FLOW_DATA_DIR names.</summary>
    public string Data { get; }

    public string Dags { get; }

    public string Gates { get; }

    /// <summary>More variables for the programs started from here.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Writes a DAG file; <c>%G</c> in it becomes the folder of gates.</summary>
    public string Dag(string name, string yaml)
    {
        var file = Path.Combine(Dags, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, yaml.Replace("%G", Gates, StringComparison.Ordinal));
        return file;
    }

    public async Task<FlowProcess> StartAsync(params string[] arguments) => Start(await FlowProgram.DescribeAsync(arguments));

    /// <summary>The same in a terminal of its own, wide enough for every line; all that it shows is its output.</summary>
    public async Task<FlowProcess> StartInTerminalAsync(params string[] arguments)
    {
        var program = await FlowProgram.DescribeAsync(arguments);
        var words = string.Join(' ', arguments.Prepend(program.FileName).Select(word => $"'{word}'"));
        var info = FlowProgram.Captured("/usr/bin/script", ["-qefc", $"stty rows 40 cols 400; exec {words}", "/dev/null"]);
        foreach (var (name, value) in program.Environment) info.Environment[name] = value;
        info.Environment["TERM"] = "xterm";
        return Start(info);
    }

    /// <summary>Starts a program with the variables of this installation.</summary>
    public FlowProcess Start(ProcessStartInfo info)
    {
        info.WorkingDirectory = Dags;
        info.Environment["FLOW_DATA_DIR"] = Data;
        foreach (var (name, value) in Environment) info.Environment[name] = value;
        var process = FlowProcess.Start(info);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs <c>flow</c> with these arguments to its end.</summary>
    public async Task<Outcome> FlowAsync(params string[] arguments) => await (await StartAsync(arguments)).EndAsync();

    /// <summary>The same; anything but exit 0 fails the test.</summary>
    public async Task<Outcome> OkAsync(params string[] arguments)
    {
        var outcome = await FlowAsync(arguments);
        outcome.ExitCode.ShouldBe(0, $"flow {string.Join(' ', arguments)}: {outcome.Everything}");
        return outcome;
    }

    /// <summary>Runs a file with <c>-o json</c>; the exit code must tell the state.</summary>
    public async Task<RunView> RunAsync(string file, params string[] more)
    {
        var outcome = await FlowAsync(["run", file, "-o", "json", .. more]);
        outcome.ExitCode.ShouldBeInRange(0, 1, outcome.Everything);
        var run = RunView.Read(outcome.Out);
        (run.State == "success").ShouldBe(outcome.ExitCode == 0, outcome.Everything);
        return run;
    }

    public async Task<RunView> ShowAsync(string run) => RunView.Read((await OkAsync("runs", "show", run, "-o", "json")).Out);

    /// <summary>Lets tasks on that wait for this gate.</summary>
    public void Open(string gate) => File.WriteAllText(Path.Combine(Gates, gate), "");

    /// <summary>Waits until a task has opened this gate.</summary>
    public Task OpenedAsync(string gate) => Eventually.TrueAsync(() => File.Exists(Path.Combine(Gates, gate)), $"the gate '{gate}' opens");

    /// <summary>What tasks wrote into a gate.</summary>
    public string Read(string gate) => File.ReadAllText(Path.Combine(Gates, gate)).Trim();

    /// <summary>The process of the private PostgreSQL; null when none runs.</summary>
    public int? Postmaster
    {
        get
        {
            try
            {
                var pid = int.Parse(File.ReadLines(Path.Combine(Data, "postgres", "postmaster.pid")).First(), System.Globalization.CultureInfo.InvariantCulture);
                return Signals.IsAlive(pid) ? pid : null;
            }
            catch (Exception none) when (none is IOException or FormatException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <summary>The process of the private PostgreSQL, as soon as one runs.</summary>
    public async Task<int> PostmasterAsync()
    {
        await Eventually.TrueAsync(() => Postmaster is not null, "PostgreSQL runs");
        return Postmaster ?? await PostmasterAsync();
    }

    /// <summary>Stops the private PostgreSQL, all of its processes, in the middle of what they do, until the answer is disposed.</summary>
    public async Task<IDisposable> FreezePostgresAsync()
    {
        // First of all the one that starts the others.
        var postmaster = await PostmasterAsync();
        Signals.Send(postmaster, Signals.Stop);
        await Eventually.TrueAsync(() => Signals.IsStopped(postmaster), "PostgreSQL stops");
        return new Frozen(postmaster);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started) process.Dispose();
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }

    private sealed class Frozen : IDisposable
    {
        private readonly int[] _processes;

        public Frozen(int postmaster)
        {
            _processes = [postmaster, .. Signals.ChildrenOf(postmaster)];
            foreach (var process in _processes) Signals.Send(process, Signals.Stop);
        }

        public void Dispose()
        {
            foreach (var process in _processes) Signals.Send(process, Signals.Continue);
        }
    }
}
