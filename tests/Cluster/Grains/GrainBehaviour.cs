using OrleansFlow.Tests.Cluster.Harness;
using OrleansFlow.Tests.Conformance.Behaviour;

namespace OrleansFlow.Tests.Cluster.Grains;

public sealed class GrainBehaviour(TestSilos silos) : SchedulingBehaviour(silos), IClassFixture<TestSilos>;
