namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>How long a host that hangs stays in charge.</summary>
public sealed record HostOptions
{
    /// <summary>
    /// How long a registration is good for, by PostgreSQL's clock. A crash is seen at once; this is for hangs. 10 s by default.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the registration is renewed, and how often a lost connection is tried again. 2 s by default; less than the lease.
    /// </summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often a host that stands by looks whether it can take charge; null, the default: it does not stand by, and is refused while
    /// another one is in charge.
    /// </summary>
    public TimeSpan? StandBy { get; init; }

    /// <summary>
    /// How long a lock that nobody holds is no proof that its last holder has died, since a database that was away has let go of all of them:
    /// until then whoever is registered is taken at its word. Zero by default; for a host that stands by and had lost its connection itself.
    /// </summary>
    public TimeSpan Doubt { get; init; }

    internal void Validate()
    {
        if (StandBy <= TimeSpan.Zero) throw new ArgumentException($"a host cannot look every {StandBy} whether it is its turn");
        if (RenewEvery <= TimeSpan.Zero || RenewEvery >= Lease)
            throw new ArgumentException($"a host must renew its registration ({RenewEvery}) more often than it expires ({Lease})");
    }
}

/// <summary>Another host, or another engine, is in charge of the database. The message says which.</summary>
public sealed class AnotherHostException(string message) : Exception(message);
