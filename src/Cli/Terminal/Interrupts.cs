using System.Runtime.InteropServices;

namespace OrleansFlow.Cli.Terminal;

/// <summary>Ctrl-C and SIGTERM: the first asks a command to come to an end, the second ends the process. Thread-safe.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly Action _leave;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _count;

    /// <param name="leave">What a second one does.</param>
    public Interrupts(Action leave) => _leave = leave;

    /// <summary>Cancelled by the first one.</summary>
    public CancellationToken Asked => _first.Token;

    /// <summary>Those of this process; the second ends it at once.</summary>
    public static Interrupts OfProcess()
    {
        var interrupts = new Interrupts(() => Environment.Exit(ExitCode.Interrupted));
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            interrupts._signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                interrupts.Raise();
            }));
        return interrupts;
    }

    /// <summary>One came.</summary>
    public void Raise()
    {
        if (Interlocked.Increment(ref _count) == 1) _first.Cancel();
        else _leave();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _first.Dispose();
    }
}
