using OrleansFlow.Api.Installations;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Standalone.DataFolders;
using OrleansFlow.Standalone.Hosting;
using OrleansFlow.Storage.Postgres.Migrations;

namespace OrleansFlow.Standalone.Serving;

/// <summary>What a host knows of itself. Thread-safe.</summary>
internal sealed class HostInstallation(IServedHost host, TimeProvider time) : IInstallation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PartHealth> _known = new(StringComparer.Ordinal);
    private readonly DiskWatermark _disk = new(DiskWatermark.ProbeOf(host.DataFolder));

    public Guid Id => host.Installation;

    public int SchemaVersion => Migration.Embedded[^1].Number;

    public IReadOnlyList<string> Backends { get; } = ["local"];

    public async Task<IReadOnlyList<PartHealth>> LookAsync(CancellationToken cancellation)
    {
        var store = await LookAtStoreAsync(cancellation);
        lock (_lock)
        {
            return
            [
                Since("store", store is null ? PartState.Serving : PartState.NotServing, store ?? ""),
                LookAtEngine(),
                LookAtDisk(),
            ];
        }
    }

    public async Task<IReadOnlyList<HostRow>> ListHostsAsync(CancellationToken cancellation) =>
    [
        .. (await host.ListHostsAsync(cancellation)).Select(row => new HostRow(
            row.Id, row.Engine, row.Epoch, row.RegisteredAt, row.Until, row.IsInCharge, (HostState)(int)row.State, row.Since)
        {
            Address = row.Address,
            Version = row.Version,
            Live = row.Live,
            Notice = row.Notice,
            NoticedAt = row.NoticedAt,
        }),
    ];

    private async Task<string?> LookAtStoreAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await host.ListHostsAsync(both.Token);
            return null;
        }
        catch (StoreException away)
        {
            return $"the database cannot be reached: {away.Message}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "the database does not answer";
        }
    }

    private PartHealth LookAtEngine()
    {
        var (serving, detail) = host.Engine;
        return Since("engine", serving ? PartState.Serving : PartState.NotServing, detail);
    }

    private PartHealth LookAtDisk() => _disk.Check() switch
    {
        DiskLevel.Critical => Since("disk", PartState.NotServing, "the file system of the data folder is nearly full: nothing new starts; free some space"),
        DiskLevel.Low => Since("disk", PartState.Degraded, "the file system of the data folder runs low: free some space"),
        _ => Since("disk", PartState.Serving, ""),
    };

    private PartHealth Since(string part, PartState state, string detail)
    {
        var since = _known.TryGetValue(part, out var before) && before.State == state ? before.Since : time.GetUtcNow();
        return _known[part] = new PartHealth(part, state, detail, since);
    }
}
