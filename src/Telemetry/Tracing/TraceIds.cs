using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Telemetry.Tracing;

/// <summary>
/// The ids of traces and spans, told from what they are of: every host finds the same, now and after any restart, and none of it is stored.
/// A run is one trace; its root is the run, and each attempt is a span of it. Pure.
/// </summary>
/// <param name="installation">Runs of two installations may have the same id.</param>
public sealed class TraceIds(Guid installation)
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>The trace of a run.</summary>
    public ActivityTraceId TraceOf(RunId run) => ActivityTraceId.CreateFromBytes(Hash($"run {run.Value}").AsSpan(0, TraceBytes));

    /// <summary>The span of a run: the root of its trace.</summary>
    public ActivitySpanId SpanOf(RunId run) => ActivitySpanId.CreateFromBytes(Hash($"run {run.Value}").AsSpan(TraceBytes, SpanBytes));

    /// <summary>The span of an attempt.</summary>
    public ActivitySpanId SpanOf(AttemptKey attempt) => ActivitySpanId.CreateFromBytes(Hash($"attempt {attempt}").AsSpan(0, SpanBytes));

    private byte[] Hash(string subject) => SHA256.HashData(Encoding.UTF8.GetBytes($"{installation:N} {subject}"));
}
