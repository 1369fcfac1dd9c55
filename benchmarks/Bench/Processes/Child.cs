using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using OrleansFlow.Standalone.DataFolders;

namespace OrleansFlow.Bench.Processes;

/// <summary>A process of the bench that is spoken to by lines. Not thread-safe.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _name;
    private readonly Process _process;
    private readonly bool _endsWithInput;
    private readonly ConcurrentQueue<string> _errors = [];

    private Child(string name, Process process, bool endsWithInput)
    {
        (_name, _process, _endsWithInput) = (name, process, endsWithInput);
        process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) _errors.Enqueue(text); };
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    /// <summary>Another process of this program; it ends with its input, and stops what it started.</summary>
    public static Child OfBench(params string[] arguments) =>
        Start(arguments[0], Environment.ProcessPath!, [Assembly.GetExecutingAssembly().Location, .. arguments], null, endsWithInput: true);

    /// <summary>Any program.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What it sees otherwise than this process; null takes a variable away.</param>
    /// <param name="endsWithInput">Whether the end of its input is enough to end it; if not, it is told by a signal.</param>
    public static Child Start(
        string name, string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment, bool endsWithInput = false)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
            if (value is null) start.Environment.Remove(key);
            else start.Environment[key] = value;
        try
        {
            return new Child(name, Process.Start(start)!, endsWithInput);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new BenchException($"{name} cannot be started ({file}): {missing.Message}");
        }
    }

    /// <summary>The next line that it writes.</summary>
    /// <exception cref="BenchException">It has ended instead.</exception>
    public async Task<string> LineAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new BenchException($"{_name} ended: {string.Join('\n', _errors.TakeLast(10))}");

    public async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Everything that it writes until it ends, and its exit code.</summary>
    public async Task<(string Out, int ExitCode)> EndAsync(CancellationToken cancellation)
    {
        var text = await _process.StandardOutput.ReadToEndAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        return (text, _process.ExitCode);
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => Posix.Signal(_process.Id, signal);

    /// <summary>What it told on standard error last.</summary>
    public string LastWords => string.Join('\n', _errors.TakeLast(10));

    /// <summary>Tells it to end, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_endsWithInput) _process.StandardInput.Close();
        else if (!_process.HasExited) Posix.Signal(_process.Id, Signals.Terminate);
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
