using OrleansFlow.Bench.Processes;

namespace OrleansFlow.Bench.Rpc;

/// <summary>Scripts of this folder, run by Node.js with the packages of <c>tests/Rpc/interop</c>.</summary>
internal static class Node
{
    public static Child Start(string script) =>
        Child.Start(script, "node", [Path.Combine(Checkout.Root, "benchmarks", "Bench", "Rpc", script)], null);

    /// <exception cref="BenchException">Node.js or its packages are not there.</exception>
    public static async Task<string> VersionAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Path.Combine(Checkout.Root, "tests", "Rpc", "interop", "node_modules")))
            throw new BenchException("the packages of tests/Rpc/interop are missing: `npm ci` in that folder installs them");
        await using var node = Child.Start("node", "node", ["--version"], null);
        return (await node.LineAsync(cancellation)).TrimStart('v');
    }
}
