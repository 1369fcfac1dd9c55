using System.Runtime.InteropServices;

namespace OrleansFlow.Cli.Terminal;

/// <summary>
/// Ctrl-C, and the signals that end a process from outside: SIGTERM, and SIGHUP of a terminal that is closed. The first asks a command to
/// come to an end. The second makes a host end its tasks without their grace period, and ends any other command at once; the third ends the
/// process. Thread-safe.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _toldToLeave = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly Lock _lock = new();
    private readonly Action _leave;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _count;
    private bool _hosting;

    /// <param name="leave">Ends the process.</param>
    public Interrupts(Action leave) => _leave = leave;

    /// <summary>Cancelled by the first of all.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled by the first that comes from outside: what is hosted here is left to the next host.</summary>
    public CancellationToken ToldToLeave => _toldToLeave.Token;

    /// <summary>Cancelled by the second: nothing gets time to end by itself any more.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <summary>What the process says to its parent when it ends because of them.</summary>
    public int ExitCode { get; private set; } = Cli.ExitCode.Interrupted;

    /// <summary>The name of the signal that it was.</summary>
    public string Signal => ExitCode switch
    {
        Cli.ExitCode.Terminated => nameof(PosixSignal.SIGTERM),
        Cli.ExitCode.HungUp => nameof(PosixSignal.SIGHUP),
        _ => nameof(PosixSignal.SIGINT),
    };

    /// <summary>Those of this process.</summary>
    public static Interrupts OfProcess()
    {
        Interrupts interrupts = null!;
        interrupts = new Interrupts(() =>
        {
            if (interrupts._hosting)
                StandardError.Open().WriteLine(
                    "flow: left at once; tasks that still run here are ended by the next command that hosts the engine: flow runs watch @latest");
            Environment.Exit(interrupts.ExitCode);
        });
        interrupts.On(PosixSignal.SIGINT, Cli.ExitCode.Interrupted);
        interrupts.On(PosixSignal.SIGTERM, Cli.ExitCode.Terminated);
        interrupts.On(PosixSignal.SIGHUP, Cli.ExitCode.HungUp);
        return interrupts;
    }

    /// <summary>This process hosts the engine: the second one hurries from now on, and only the third ends the process.</summary>
    public void Host()
    {
        lock (_lock) _hosting = true;
    }

    /// <summary>One came.</summary>
    /// <param name="exitCode">What stands for it: anything but <see cref="Cli.ExitCode.Interrupted"/> came from outside.</param>
    public void Raise(int exitCode = Cli.ExitCode.Interrupted)
    {
        int count;
        lock (_lock)
        {
            var outside = exitCode != Cli.ExitCode.Interrupted && !_toldToLeave.IsCancellationRequested;
            // leaving is another wish than cancelling: the first of them is never a repetition
            _count = outside ? Math.Max(_count, 1) : _count + 1;
            count = _count;
            if (outside || count == 1) ExitCode = exitCode;
            if (count == 2 && !_hosting) count = 3;
            if (outside) _toldToLeave.Cancel();
        }

        if (count == 1) _asked.Cancel();
        else if (count == 2) _hurry.Cancel();
        else _leave();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _asked.Dispose();
        _toldToLeave.Dispose();
        _hurry.Dispose();
    }

    private void On(PosixSignal signal, int exitCode) => _signals.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        Raise(exitCode);
    }));
}
