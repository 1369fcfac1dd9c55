using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansFlow.Cli.Commands;
using OrleansFlow.Cli.Dags;
using OrleansFlow.Cli.Engine;
using OrleansFlow.Cli.Terminal;
using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Cli;

/// <summary>What the commands are made of in the real process.</summary>
internal static class Composition
{
    private const string SuffixCharacters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int SuffixLength = 5;

    public static CliServices OfProcess() => new()
    {
        Screen = Screen.OfProcess(),
        Engines = new NoEngines(),
        Files = new NoDagFiles(),
        Interrupts = Interrupts.OfProcess(),
        NewSuffix = () => RandomNumberGenerator.GetString(SuffixCharacters, SuffixLength),
    };

    private sealed class NoEngines : IEngineAccess
    {
        public Task<IEngine> HostAsync(EngineOptions options, CancellationToken cancellation) => throw Absent();

        public Task<IEngineReader> ReadAsync(EngineOptions options, CancellationToken cancellation) => throw Absent();

        public Task<Migrated> MigrateAsync(EngineOptions options, CancellationToken cancellation) => throw Absent();

        private static CliException Absent() => new(ExitCode.Unavailable, "this build has no engine");
    }

    private sealed class NoDagFiles : IDagFiles
    {
        public DagSource Read(string path) => throw Absent();

        public DagSpec ReadSpec(string canonicalJson) => throw Absent();

        public IReadOnlyList<string> Diff(DagSpec from, DagSpec to) => throw Absent();

        public JsonNode Schema() => throw Absent();

        private static CliException Absent() => new(ExitCode.Unavailable, "this build reads no DAG files");
    }
}
