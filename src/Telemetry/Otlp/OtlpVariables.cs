using System.Globalization;
using OpenTelemetry.Trace;

namespace OrleansFlow.Telemetry.Otlp;

/// <summary>Which of OpenTelemetry's variables are set. What they say of the way there, its exporter reads by itself. Immutable.</summary>
/// <param name="get">Gives the value of a variable; null: it is not set.</param>
public sealed class OtlpVariables(Func<string, string?> get)
{
    /// <summary>Of this process.</summary>
    public static OtlpVariables OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Whether traces go anywhere.</summary>
    public bool Traces => Is("TRACES");

    /// <summary>Whether metrics go anywhere.</summary>
    public bool Metrics => Is("METRICS");

    /// <summary>The sampler that <c>OTEL_TRACES_SAMPLER</c> names, of a trace that nobody has decided about; one that is unknown samples everything.</summary>
    internal Sampler Sampler => Value("OTEL_TRACES_SAMPLER") switch
    {
        "always_off" or "parentbased_always_off" => new AlwaysOffSampler(),
        "traceidratio" or "parentbased_traceidratio" => new TraceIdRatioBasedSampler(Ratio),
        _ => new AlwaysOnSampler(),
    };

    private double Ratio =>
        double.TryParse(Value("OTEL_TRACES_SAMPLER_ARG"), NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : 1;

    private bool Is(string signal) =>
        (Value("OTEL_EXPORTER_OTLP_ENDPOINT") ?? Value($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) is not null
        && Value($"OTEL_{signal}_EXPORTER") is null or "otlp"
        && !string.Equals(Value("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private string? Value(string name) => get(name) is { Length: > 0 } value ? value.Trim() : null;
}
