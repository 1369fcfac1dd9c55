using OrleansFlow.Bench.Measuring;
using OrleansFlow.Bench.Results;

namespace OrleansFlow.Bench.Rpc;

/// <summary>What one client and one server did with some callers, over all rounds.</summary>
/// <param name="Client">Ours, or grpc-js.</param>
/// <param name="Server">The same.</param>
/// <param name="Callers">How many call at once.</param>
/// <param name="Size">The payload both ways. Bytes.</param>
/// <param name="CallsPerSecond">Of each round.</param>
/// <param name="P50Ms">The median call of each round.</param>
/// <param name="P99Ms">The slowest call but one in a hundred, of each round.</param>
internal sealed record RpcNumbers(string Client, string Server, int Callers, int Size, Spread CallsPerSecond, Spread P50Ms, Spread P99Ms);

/// <summary>Ours by grpc-js on both sides: calls per second in the same round.</summary>
/// <param name="Callers">How many call at once.</param>
/// <param name="Size">The payload both ways. Bytes.</param>
/// <param name="Ratio">Of each round.</param>
internal sealed record RpcRatio(int Callers, int Size, Spread Ratio);

/// <summary>The document that is kept of a run of the bench.</summary>
internal sealed record RpcResult() : ProgramResult("rpc")
{
    /// <summary>The median time of a call with one caller, at most.</summary>
    public const double AimP50Ms = 0.5;

    /// <summary>With many callers.</summary>
    public const double AimCallsPerSecond = 8_000;

    /// <summary>How long each order was carried out. Seconds.</summary>
    public required double SliceSeconds { get; init; }

    public required IReadOnlyList<RpcNumbers> Numbers { get; init; }

    public required IReadOnlyList<RpcRatio> Ratios { get; init; }

    public required string Node { get; init; }
}
