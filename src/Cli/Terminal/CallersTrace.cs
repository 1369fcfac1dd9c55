using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrleansFlow.Cli.Terminal;

/// <summary>Goes on with the trace of whoever started this program, when he says so by <c>TRACEPARENT</c>: what is asked of servers is then part of it.</summary>
internal static class CallersTrace
{
    /// <summary>Until it is disposed, calls carry the caller's trace. Null: he has none.</summary>
    public static IDisposable? Continue() => Environment.GetEnvironmentVariable("TRACEPARENT") is { Length: > 0 } parent ? Continue(parent) : null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Activity? Continue(string parent) =>
        ActivityContext.TryParse(parent, Environment.GetEnvironmentVariable("TRACESTATE"), isRemote: true, out var context)
            ? new Activity("flow") { TraceStateString = context.TraceState }.SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start()
            : null;
}
