namespace OrleansFlow.Cli.Terminal;

/// <summary>How much is said on standard error.</summary>
internal enum Verbosity
{
    /// <summary>Only errors.</summary>
    Quiet = 1,

    /// <summary>Progress too.</summary>
    Normal = 2,

    /// <summary>Details too, and where in the code an unexpected error came from.</summary>
    Verbose = 3,
}

/// <summary>Standard error: progress, notices, errors. Thread-safe.</summary>
internal sealed class Messages(TextWriter writer, Verbosity verbosity, Paint paint) : IProgress<string>
{
    private readonly Lock _gate = new();
    private Action<string>? _divert;

    /// <summary>How much is said.</summary>
    public Verbosity Verbosity => verbosity;

    /// <summary>The stream itself, for those who draw on it.</summary>
    public TextWriter Writer => writer;

    /// <summary>Colours of this stream.</summary>
    public Paint Paint => paint;

    /// <summary>What the command is doing or has done.</summary>
    public void Say(string message)
    {
        if (verbosity > Verbosity.Quiet) Write(message);
    }

    /// <summary>What only the curious want to know.</summary>
    public void Detail(string message)
    {
        if (verbosity == Verbosity.Verbose) Write(message);
    }

    /// <summary>What went wrong.</summary>
    public void Error(string message) => Write($"{paint.Error("flow:")} {message}");

    /// <summary>A line of its own, however much is said otherwise.</summary>
    public void Line(string message) => Write(message);

    /// <summary>While somebody draws on the terminal, messages go through them; null ends that.</summary>
    public void Divert(Action<string>? to)
    {
        lock (_gate) _divert = to;
    }

    /// <inheritdoc/>
    void IProgress<string>.Report(string value) => Say(value);

    private void Write(string message)
    {
        lock (_gate)
        {
            if (_divert is { } divert) divert(message);
            else writer.WriteLine(message);
        }
    }
}
