using System.Buffers;
using System.Globalization;
using System.Text;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.TaskRuntime.Logs;

/// <summary>
/// The log of an attempt: reads what the task prints, as bytes, and writes it while the task runs, one record per line:
/// <c>2024-01-01T00:00:00.123Z out text</c>, where <c>out</c>, <c>err</c> or <c>flow</c> says who speaks and <c>out+</c> goes on the
/// line before. Bounded in memory and on disk: beyond the head only the last part is kept and written at the end, after a notice.
/// Never fails: what cannot be written is dropped and counted. Thread-safe.
/// </summary>
public sealed class TaskLog : IAsyncDisposable
{
    private const int ReadSize = 16 * 1024;
    private const int WriteSize = 128 * 1024;

    private readonly ILogSink _sink;
    private readonly TaskLogOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly ArrayBufferWriter<byte> _records = new();
    private readonly LogLines _flow = new("flow");
    private readonly List<LogLines> _streams = [];
    private TailBuffer? _tail;
    private long _taken;
    private long _lost;
    private bool _flushing;
    private bool _closed;

    /// <summary>Starts a log.</summary>
    /// <param name="sink">Where it goes; closed together with the log.</param>
    /// <param name="options">How much is kept.</param>
    /// <param name="time">For the stamps and the pace of writing.</param>
    public TaskLog(ILogSink sink, TaskLogOptions options, TimeProvider time)
    {
        (_sink, _options, _time) = (sink, options, time);
        _streams.Add(_flow);
    }

    /// <summary>Reads a stream to its end, or until cancelled: that is no error either, since a stream may be kept open by others.</summary>
    public async Task CopyAsync(Stream stream, LogSource source, CancellationToken cancellation)
    {
        var lines = new LogLines(Domain.Identifiers.Names.Of(source));
        await LockedAsync(() => _streams.Add(lines));
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            while (await stream.ReadAsync(buffer, cancellation) is var read and > 0) await AddAsync(lines, buffer.AsMemory(0, read));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // what was read until now is kept
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Says something to the user, as <c>flow</c>.</summary>
    public Task NoticeAsync(string text) => AddAsync(_flow, Encoding.UTF8.GetBytes(text.ReplaceLineEndings(" ") + "\n"));

    /// <summary>Writes what is left and closes the sink.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_closed) return;
            _closed = true;
            var now = Stamp();
            foreach (var lines in _streams) lines.Complete(now, _records);
            Take();
            if (_tail is { } tail)
            {
                if (tail.Dropped > 0) Say($"{tail.Dropped:N0} bytes of log are left out here; the last lines follow");
                _buffer.Write(tail.WholeLines());
            }

            await WriteAsync();
            await _sink.DisposeAsync();
        }
        catch (AttemptStorageException)
        {
            // closing a log must not fail an attempt
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task AddAsync(LogLines lines, ReadOnlyMemory<byte> bytes)
    {
        await _gate.WaitAsync();
        try
        {
            if (_closed) return;
            lines.Add(bytes.Span, Stamp(), _records);
            Take();
            if (_buffer.WrittenCount >= WriteSize) await WriteAsync();
            else FlushSoon();
        }
        finally
        {
            _gate.Release();
        }
    }

    // under the gate: moves new records into the head, or, when that is full, into the tail
    private void Take()
    {
        var records = _records.WrittenSpan;
        if (_tail is null && _taken + records.Length > _options.HeadBytes)
        {
            var end = records[..(int)(_options.HeadBytes - _taken)].LastIndexOf((byte)'\n') + 1;
            _buffer.Write(records[..end]);
            records = records[end..];
            _tail = new TailBuffer(_options.TailBytes);
            Say($"the log has reached {_options.HeadBytes:N0} bytes; what follows is left out, its last {_options.TailBytes:N0} " +
                "bytes are written when the task ends");
        }

        if (_tail is not null)
        {
            _tail.Append(records);
        }
        else
        {
            _buffer.Write(records);
            _taken += records.Length;
        }

        _records.ResetWrittenCount();
    }

    private void FlushSoon()
    {
        var waiting = _buffer.WrittenCount > 0 || _streams.Any(lines => lines.HasPending);
        if (_flushing || !waiting) return;
        _flushing = true;
        _ = FlushLaterAsync();
    }

    private async Task FlushLaterAsync()
    {
        await Task.Delay(_options.FlushAfter, _time);
        await LockedAsync(async () =>
        {
            _flushing = false;
            if (_closed) return;
            var now = Stamp();
            foreach (var lines in _streams) lines.EmitPending(now, _records);
            Take();
            await WriteAsync();
        });
    }

    // under the gate: hands the buffer to the sink, or drops it when it cannot be written
    private async Task WriteAsync()
    {
        if (_buffer.WrittenCount == 0) return;
        var bytes = _buffer.WrittenMemory;
        try
        {
            if (!_options.Allowed()) await DropAsync("the disk is nearly full: task logs are left out until there is room");
            else
            {
                if (_lost > 0)
                {
                    await _sink.AppendAsync(Record($"{_lost:N0} bytes of log are left out here: the disk was full or nearly so"), default);
                    _lost = 0;
                }

                await _sink.AppendAsync(bytes, default);
            }
        }
        catch (AttemptStorageException e)
        {
            await DropAsync(e.Message);
        }

        _buffer.ResetWrittenCount();

        async Task DropAsync(string why)
        {
            var first = _lost == 0;
            _lost += bytes.Length;
            if (!first) return;
            try
            {
                await _sink.AppendAsync(Record(why), default);
            }
            catch (AttemptStorageException)
            {
                // there is no room even for this line; the count is told when there is
            }
        }
    }

    private void Say(string text) => _buffer.Write(Record(text));

    private byte[] Record(string text) => [.. Stamp(), .. " flow "u8, .. Encoding.UTF8.GetBytes(text), (byte)'\n'];

    private byte[] Stamp() => Encoding.ASCII.GetBytes(
        _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private Task LockedAsync(Action action) => LockedAsync(() =>
    {
        action();
        return Task.CompletedTask;
    });

    private async Task LockedAsync(Func<Task> action)
    {
        await _gate.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _gate.Release();
        }
    }
}
