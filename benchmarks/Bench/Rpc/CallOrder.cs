namespace OrleansFlow.Bench.Rpc;

/// <summary>What a client process is told to do, as a line of JSON: calls one after the other, by some callers at once.</summary>
/// <param name="Target">The server, such as <c>127.0.0.1:8233</c>.</param>
/// <param name="Callers">How many call at once, over one connection.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Size">The payload of requests and of responses. Bytes.</param>
/// <param name="Run">Not the echo but <c>GetRun</c> of this run; null: the echo.</param>
/// <param name="Token">The bearer token; null: none.</param>
internal sealed record CallOrder(string Target, int Callers, double Seconds, int Size, string? Run = null, string? Token = null);

/// <summary>What a client process answers.</summary>
/// <param name="Calls">How many calls were answered.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="P50">Of the times of calls. Milliseconds.</param>
/// <param name="P99">The same.</param>
internal sealed record CallTally(long Calls, double Seconds, double P50, double P99)
{
    public double PerSecond => Calls / Seconds;
}
