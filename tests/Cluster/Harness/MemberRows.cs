using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>A membership table in memory, in which a test writes as other silos would. Thread-safe.</summary>
internal sealed class MemberRows : IMembershipTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string Etag)> _rows = [];
    private int _version;
    private int _looks;

    /// <summary>Called at the moment when a silo is declared dead.</summary>
    public event Action<SiloAddress>? Died;

    /// <summary>How often somebody has read all of it.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>What stands in it about a silo; null: nothing.</summary>
    public MembershipEntry? Find(SiloAddress silo)
    {
        lock (_lock) return _rows.TryGetValue(silo, out var row) ? Copy(row.Entry) : null;
    }

    /// <summary>Adds a silo that is up.</summary>
    /// <param name="silo">Its address.</param>
    /// <param name="name">Its name.</param>
    /// <param name="alive">When it last wrote that it is alive.</param>
    public void Add(SiloAddress silo, string name, DateTime alive)
    {
        lock (_lock)
            Write(new MembershipEntry
            {
                SiloAddress = silo,
                SiloName = name,
                HostName = "localhost",
                Status = SiloStatus.Active,
                StartTime = alive,
                IAmAliveTime = alive,
                SuspectTimes = [],
            });
    }

    /// <summary>Declares a silo dead, and tells nobody.</summary>
    public void DeclareDead(SiloAddress silo)
    {
        var entry = Find(silo) ?? throw new ArgumentException($"{silo} is no member", nameof(silo));
        entry.Status = SiloStatus.Dead;
        lock (_lock) Write(entry);
    }

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => Task.CompletedTask;

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Task.CompletedTask;

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        lock (_lock) return Task.FromResult(Data(_rows.Values.Where(row => row.Entry.SiloAddress.Equals(key))));
    }

    public Task<MembershipTableData> ReadAll()
    {
        Interlocked.Increment(ref _looks);
        lock (_lock) return Task.FromResult(Data(_rows.Values));
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_lock) return Task.FromResult(tableVersion.VersionEtag == Etag(_version) && !_rows.ContainsKey(entry.SiloAddress) && Write(entry));
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_lock)
            return Task.FromResult(
                tableVersion.VersionEtag == Etag(_version) && _rows.TryGetValue(entry.SiloAddress, out var row) && row.Etag == etag && Write(entry));
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_lock)
            if (_rows.TryGetValue(entry.SiloAddress, out var row)) row.Entry.IAmAliveTime = entry.IAmAliveTime;
        return Task.CompletedTask;
    }

    private bool Write(MembershipEntry entry)
    {
        if (entry.Status == SiloStatus.Dead) Died?.Invoke(entry.SiloAddress);
        _rows[entry.SiloAddress] = (Copy(entry), Etag(++_version));
        return true;
    }

    private MembershipTableData Data(IEnumerable<(MembershipEntry Entry, string Etag)> rows) =>
        new([.. rows.Select(row => Tuple.Create(Copy(row.Entry), row.Etag))], new TableVersion(_version, Etag(_version)));

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        SiloName = entry.SiloName,
        HostName = entry.HostName,
        RoleName = entry.RoleName,
        Status = entry.Status,
        ProxyPort = entry.ProxyPort,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
        SuspectTimes = [.. entry.SuspectTimes ?? []],
    };
}
