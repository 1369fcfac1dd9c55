namespace OrleansFlow.Tests.Conformance.Storage;

/// <summary>What every store does. Each test starts with a fresh store.</summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    private protected StoreUnderTest Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await StartAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    private protected abstract Task<StoreUnderTest> StartAsync();
}

public sealed class InMemoryStoreConformance : StoreConformance
{
    private protected override Task<StoreUnderTest> StartAsync() => Task.FromResult<StoreUnderTest>(new InMemoryUnderTest());
}

public sealed class PostgresStoreConformance : StoreConformance
{
    private protected override async Task<StoreUnderTest> StartAsync() => await PostgresUnderTest.StartAsync();
}
