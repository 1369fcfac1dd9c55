namespace OrleansFlow.Standalone.PrivatePostgres;

/// <summary>What tests and later settings vary. The defaults are the product's.</summary>
internal sealed record PostgresOptions
{
    /// <summary>Off only where the data is thrown away: commits then survive neither power loss nor a crash of the machine.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Connections the server accepts.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>The wait before the second restart in a row; it doubles up to <see cref="LongestBackoff"/>.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between two restarts.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the postmaster's process is looked at.</summary>
    public TimeSpan WatchEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a fast shutdown may take before it is left to finish alone.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The size at which the log is moved aside. Bytes.</summary>
    public long LogLimit { get; init; } = 10 * 1024 * 1024;

    /// <summary>Null: what <see cref="PostgresInstallation.FindAll"/> finds on the machine.</summary>
    public IReadOnlyList<PostgresInstallation>? Installations { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
