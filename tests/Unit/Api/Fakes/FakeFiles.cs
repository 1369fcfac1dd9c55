using System.Collections.Concurrent;
using System.Text;
using OrleansFlow.Api.Installations;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Artifacts;

namespace OrleansFlow.Tests.Unit.Api.Fakes;

/// <summary>Logs and artifacts in memory. Thread-safe.</summary>
internal sealed class FakeFiles : ILogStore, IArtifactStore
{
    private readonly ConcurrentDictionary<AttemptKey, byte[]> _logs = [];

    /// <summary>The artifacts by uri.</summary>
    public ConcurrentDictionary<string, byte[]> Artifacts { get; } = [];

    /// <summary>A task writes.</summary>
    public void Log(AttemptKey attempt, string text) =>
        _logs.AddOrUpdate(attempt, _ => Encoding.UTF8.GetBytes(text), (_, before) => [.. before, .. Encoding.UTF8.GetBytes(text)]);

    public string Locate(DagId dag, AttemptKey attempt) => $"/logs/{attempt}";

    public Task<LogPiece> ReadAsync(DagId dag, AttemptKey attempt, long offset, int limit, CancellationToken cancellation)
    {
        var rest = _logs.GetValueOrDefault(attempt, []).AsMemory()[(int)offset..];
        var piece = rest[..Math.Min(limit, rest.Length)];
        return Task.FromResult(new LogPiece(piece, offset + piece.Length));
    }

    public Task<DateTimeOffset?> ReadRemovedBeforeAsync(CancellationToken cancellation) => Task.FromResult<DateTimeOffset?>(null);

    public IAsyncEnumerable<LogPiece> FollowAsync(DagId dag, AttemptKey attempt, long offset, Task ended, CancellationToken cancellation) =>
        throw new NotSupportedException("the API reads by itself");

    public Task<Stream> OpenAsync(string uri, CancellationToken cancellation) => Artifacts.TryGetValue(uri, out var bytes)
        ? Task.FromResult<Stream>(new MemoryStream(bytes))
        : throw new ArtifactException($"there is nothing at {uri}");

    public Task<long> MeasureAsync(CancellationToken cancellation) => Task.FromResult(0L);

    public Task<SweepReport> SweepAsync(
        TimeSpan age, Func<IReadOnlyList<StoredPrefix>, CancellationToken, Task<IReadOnlySet<StoredPrefix>>> referenced, CancellationToken cancellation) =>
        throw new NotSupportedException("nothing is swept here");
}

/// <summary>A server that is as a test says.</summary>
internal sealed class FakeInstallation : IInstallation
{
    public Func<PartState> Store { get; set; } = () => PartState.Serving;

    public Guid Id => Guid.Empty;

    public int SchemaVersion => 1;

    public IReadOnlyList<string> Backends => ["test"];

    public Task<IReadOnlyList<PartHealth>> LookAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PartHealth>>([new PartHealth("store", Store(), "", DateTimeOffset.UnixEpoch)]);

    public Task<IReadOnlyList<HostRow>> ListHostsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<HostRow>>([]);
}
