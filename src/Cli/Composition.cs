using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Embedded;
using OrleansFlow.Cli.Remote;
using OrleansFlow.Cli.Terminal;

namespace OrleansFlow.Cli;

/// <summary>What the commands are made of in the real process.</summary>
internal static class Composition
{
    /// <summary>Lower-case letters and digits that are not taken for one another.</summary>
    private const string SuffixCharacters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int SuffixLength = 5;

    public static CliServices OfProcess() => new()
    {
        Screen = Screen.OfProcess(),
        Engines = new AnyEngines(new EmbeddedEngines()),
        Interrupts = Interrupts.OfProcess(),
        // not a secret: chance that no cryptography has to be loaded for
        NewSuffix = () => Random.Shared.GetString(SuffixCharacters, SuffixLength),
        NewRequestId = () => Guid.NewGuid().ToString("N"),
    };
}
