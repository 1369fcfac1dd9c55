using System.Diagnostics;
using System.Text;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>What a program left behind.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error)
{
    /// <summary>For the messages of failing tests.</summary>
    public string Everything => $"exit {ExitCode}\n--- out\n{Out}\n--- error\n{Error}";
}

/// <summary>A running program whose output is read while it comes.</summary>
internal sealed class FlowProcess : IDisposable
{
    private readonly Process _process;
    private readonly Reader _out;
    private readonly Reader _error;

    private FlowProcess(Process process)
    {
        _process = process;
        _out = new Reader(process.StandardOutput);
        _error = new Reader(process.StandardError);
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Out => _out.Text;

    public string Error => _error.Text;

    public static FlowProcess Start(ProcessStartInfo info)
    {
        var process = Process.Start(info)!;
        process.StandardInput.Close();
        return new FlowProcess(process);
    }

    /// <summary>Waits until a line of standard error, where progress goes, contains the text.</summary>
    public Task<string> SaysAsync(string text) => _error.FindAsync(text, () => $"standard error never said '{text}'\n{Out}\n{Error}");

    /// <summary>Waits until a line of standard output contains the text.</summary>
    public Task<string> PrintsAsync(string text) => _out.FindAsync(text, () => $"standard output never said '{text}'\n{Out}\n{Error}");

    public void Send(int signal) => Signals.Send(Pid, signal);

    /// <summary>kill -9, and waits for the end of this one process.</summary>
    public async Task KillAsync()
    {
        Send(Signals.Kill);
        using var ceiling = new CancellationTokenSource(Eventually.Ceiling);
        await _process.WaitForExitAsync(ceiling.Token);
    }

    /// <summary>Waits for its end; a program that takes longer than any reason allows is killed and fails the test.</summary>
    public async Task<Outcome> EndAsync(TimeSpan? ceiling = null)
    {
        using var patience = new CancellationTokenSource(ceiling ?? Eventually.Ceiling);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            await Task.WhenAll(_out.Ended, _error.Ended).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            var still = _process.HasExited ? "ended, but somebody holds its output open" : "did not end";
            if (!_process.HasExited) Send(Signals.Kill);
            throw new TimeoutException($"process {Pid} {still}\n--- out\n{Out}\n--- error\n{Error}");
        }

        return new Outcome(_process.ExitCode, Out, Error);
    }

    public void Dispose()
    {
        if (!_process.HasExited) Send(Signals.Kill);
        _process.Dispose();
    }

    /// <summary>Collects lines, and wakes those who wait for one.</summary>
    private sealed class Reader
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Reader(StreamReader stream) => Ended = Task.Run(() => ReadAsync(stream));

        public Task Ended { get; }

        public string Text
        {
            get
            {
                lock (_lock) return _text.ToString();
            }
        }

        public async Task<string> FindAsync(string text, Func<string> explain)
        {
            using var ceiling = new CancellationTokenSource(Eventually.Ceiling);
            while (true)
            {
                var ended = Ended.IsCompleted;
                Task more;
                string sofar;
                lock (_lock) (more, sofar) = (_more.Task, _text.ToString());
                if (sofar.Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found) return found;
                if (ended || ceiling.IsCancellationRequested) throw new TimeoutException(explain());
                await Task.WhenAny(more, Ended, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None));
            }
        }

        private async Task ReadAsync(StreamReader stream)
        {
            while (await stream.ReadLineAsync() is { } line)
            {
                TaskCompletionSource waiting;
                lock (_lock)
                {
                    _text.Append(line).Append('\n');
                    waiting = _more;
                    _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                waiting.TrySetResult();
            }
        }
    }
}
