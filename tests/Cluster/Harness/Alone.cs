namespace OrleansFlow.Tests.Cluster.Harness;

/// <summary>Tests that look at what the whole process holds, and share it with no other test while they run.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = nameof(Alone);
}
