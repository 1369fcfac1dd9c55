using System.Runtime.CompilerServices;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Starts telemetry where somebody will look at it. Otherwise nothing of it is even loaded: commands that run one DAG must start fast.</summary>
internal static class Measuring
{
    /// <summary>Starts it, if it is wanted.</summary>
    /// <param name="shown">Whether it is to be shown at <c>/metrics</c>.</param>
    /// <param name="host">The id of the host.</param>
    /// <param name="facts">What can be asked of the host.</param>
    public static HostTelemetry? Start(bool shown, string host, Func<HostFacts> facts) => shown ? Begin(shown, host, facts) : null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static HostTelemetry Begin(bool shown, string host, Func<HostFacts> facts) =>
        new(new HostIdentity("orleansflow", ProgramVersion.Text, host), facts(), shown, TimeProvider.System);
}
