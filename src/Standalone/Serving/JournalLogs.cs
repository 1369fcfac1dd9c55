using Microsoft.Extensions.Logging;

namespace OrleansFlow.Standalone.Serving;

/// <summary>What the parts of a host have to say that log by themselves goes into the host's log: warnings and worse.</summary>
/// <param name="kind">The kind of the lines.</param>
/// <param name="note">Writes a line.</param>
internal sealed class JournalLogs(string kind, Action<string, string> note) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new JournalLog(kind, note, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class JournalLog(string kind, Action<string, string> note, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) note(kind, $"{category}: {formatter(state, exception)} {exception}".TrimEnd());
        }
    }
}
