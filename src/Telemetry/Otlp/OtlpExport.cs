using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansFlow.Telemetry.Tracing;

namespace OrleansFlow.Telemetry.Otlp;

/// <summary>Sends by OTLP what the standard variables ask for. Thread-safe.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const int LastWords = 3000;
    private static readonly string[] s_sources = [RunTraces.Name, "Microsoft.AspNetCore", "System.Net.Http", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"];
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <summary>Begins to send.</summary>
    /// <param name="variables">What is asked for.</param>
    /// <param name="identity">Who sends.</param>
    /// <param name="meters">The meters to send.</param>
    public OtlpExport(OtlpVariables variables, HostIdentity identity, string[] meters)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(identity.Service, serviceVersion: identity.Version, serviceInstanceId: identity.Instance);
        if (variables.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(s_sources)
                .SetSampler(new ParentBasedSampler(variables.Sampler)).AddOtlpExporter().Build();
        }

        if (variables.Metrics) _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(meters).AddOtlpExporter().Build();
    }

    /// <summary>Sends what is left, for a few seconds.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(LastWords);
        _metrics?.Shutdown(LastWords);
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
