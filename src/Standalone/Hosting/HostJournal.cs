using System.Runtime.CompilerServices;
using System.Threading.Channels;
using OrleansFlow.Scheduling.Hosting;
using OrleansFlow.Standalone.PrivatePostgres;
using Engine = OrleansFlow.Scheduling.Hosting.Engine;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>
/// Collects what the host has to say: notices for people, once for each change, and everything in <c>logs/host.log</c>. Thread-safe.
/// </summary>
/// <param name="file">The log.</param>
/// <param name="fenced">What people are told, once, when others go on without this host; null: nothing, as it will have its turn again.</param>
/// <param name="time">Time.</param>
/// <param name="json">Whether the lines of the log are JSON.</param>
internal sealed class HostJournal(string file, string? fenced, TimeProvider time, bool json = false) : IEngineObserver, IProgress<ServerNotice>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Channel<string> _notices = Channel.CreateBounded<string>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly StreamWriter _log = new(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    private bool _storeAway;
    private int _fenced;

    /// <summary>What people should see, as it is said, until it is cancelled; what was said before that comes first. Does not throw for it.</summary>
    public async IAsyncEnumerable<string> NoticesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var goesOn = true; goesOn;)
        {
            // looked at first, so that the last words are read
            goesOn = !cancellation.IsCancellationRequested;
            while (_notices.Reader.TryRead(out var notice)) yield return notice;
            goesOn = goesOn && await IsMoreAsync(cancellation);
        }
    }

    /// <summary>Says something to people.</summary>
    public void Say(string notice)
    {
        Write("notice", notice);
        _notices.Writer.TryWrite(notice);
    }

    /// <summary>Writes to the log only.</summary>
    public void Note(string kind, string text) => Write(kind, text);

    /// <summary>Writes a defect to the log, and returns the name under which it is found there.</summary>
    public string NoteIncident(string subject, Exception exception)
    {
        var name = Engine.Suffix(Guid.NewGuid()) + Engine.Suffix(Guid.NewGuid());
        Write("incident", $"{exception}", $"{name} {subject}");
        return name;
    }

    /// <inheritdoc/>
    public void StoreUnavailable(string problem)
    {
        lock (_lock)
        {
            if (_storeAway) return;
            _storeAway = true;
        }

        Say($"PostgreSQL cannot be reached ({problem}). Everything waits, nothing is lost; it goes on when PostgreSQL is back.");
    }

    /// <inheritdoc/>
    public void StoreAvailable()
    {
        lock (_lock)
        {
            if (!_storeAway) return;
            _storeAway = false;
        }

        Say("PostgreSQL is back: going on.");
    }

    /// <inheritdoc/>
    public void BatchExecuted(int steps, TimeSpan duration) => StoreAvailable();

    /// <inheritdoc/>
    public void Stale(string subject, string @event) => Write("stale", @event, subject);

    /// <inheritdoc/>
    public void Illegal(string subject, string @event) => Write("illegal", @event, subject);

    /// <inheritdoc/>
    public void Defect(string subject, Exception exception)
    {
        Write("defect", $"{exception}", subject);
        _notices.Writer.TryWrite($"Something went wrong inside ({subject}: {exception.Message}). Details are in {file}; please report them.");
    }

    /// <inheritdoc/>
    public void Fenced(string problem)
    {
        Write("fenced", problem);
        if (fenced is not null && Interlocked.Exchange(ref _fenced, 1) == 0) Say(fenced);
    }

    /// <inheritdoc/>
    public void Report(ServerNotice value)
    {
        Write("postgres", value.Message);
        if (value.State == ServerState.Lost) StoreUnavailable(value.Message);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notices.Writer.TryComplete();
        lock (_lock) _log.Dispose();
    }

    private async Task<bool> IsMoreAsync(CancellationToken cancellation)
    {
        try
        {
            return await _notices.Reader.WaitToReadAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private void Write(string kind, string text, string? subject = null)
    {
        lock (_lock)
        {
            try
            {
                _log.WriteLine(json ? JournalLine.Json(time.GetUtcNow(), kind, subject, text) : JournalLine.Text(time.GetUtcNow(), kind, subject, text));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // A full disk must not take the host down for want of a log line.
            }
        }
    }
}
