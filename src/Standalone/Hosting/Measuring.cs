using System.Runtime.CompilerServices;
using OrleansFlow.Telemetry;
using OrleansFlow.Telemetry.Instruments;
using OrleansFlow.Telemetry.Otlp;

namespace OrleansFlow.Standalone.Hosting;

/// <summary>Starts telemetry where somebody will look at it. Otherwise nothing of it is even loaded: commands that run one DAG must start fast.</summary>
internal static class Measuring
{
    private static readonly string[] s_endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Starts it, if it is wanted.</summary>
    /// <param name="shown">Whether it is to be shown at <c>/metrics</c>.</param>
    /// <param name="host">The id of the host.</param>
    /// <param name="installation">The installation that its database belongs to.</param>
    /// <param name="facts">What can be asked of the host.</param>
    public static HostTelemetry? Start(bool shown, string host, Guid installation, Func<HostFacts> facts) =>
        shown || Array.Exists(s_endpoints, name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) ? Begin(shown, host, installation, facts) : null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static HostTelemetry Begin(bool shown, string host, Guid installation, Func<HostFacts> facts) =>
        new(new HostIdentity("orleansflow", ProgramVersion.Text, host, installation), facts(), shown, OtlpVariables.OfProcess, TimeProvider.System);
}
