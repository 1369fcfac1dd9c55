namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>How long a host that hangs stays in charge.</summary>
public sealed record HostOptions
{
    /// <summary>How long a registration is good for, by PostgreSQL's clock. A crash is seen at once; this is for hangs. 10 s by default.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the registration is renewed, and how often a lost connection is tried again. 2 s by default; less than the lease.</summary>
    public TimeSpan RenewEvery { get; init; } = TimeSpan.FromSeconds(2);

    internal void Validate()
    {
        if (RenewEvery <= TimeSpan.Zero || RenewEvery >= Lease)
            throw new ArgumentException($"a host must renew its registration ({RenewEvery}) more often than it expires ({Lease})");
    }
}

/// <summary>Another host, or another engine, is in charge of the database. The message says which.</summary>
public sealed class AnotherHostException(string message) : Exception(message);
