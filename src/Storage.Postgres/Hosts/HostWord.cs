using OrleansFlow.Scheduling.Hosting;

namespace OrleansFlow.Storage.Postgres.Hosts;

/// <summary>What a host says of itself.</summary>
/// <param name="State">Anything but <see cref="HostState.Silent"/>.</param>
public sealed record HostWord(HostState State)
{
    /// <summary>What it has in memory; null: it does not say.</summary>
    public LiveCoordinators? Live { get; init; }

    /// <summary>What told it to leave, such as <c>SIGTERM</c>; null: nothing has.</summary>
    public string? Notice { get; init; }
}
