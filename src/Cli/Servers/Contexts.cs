namespace OrleansFlow.Cli.Servers;

/// <summary>A server by a name that its user gave it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Server">Its address.</param>
/// <param name="TokenFile">The file with the token to show it; null: none.</param>
internal sealed record ServerContext(string Name, string Server, string? TokenFile);

/// <summary>The servers that a user has named, and which of them is current. Never changed.</summary>
/// <param name="All">In the order of their names.</param>
/// <param name="Current">The current one's name; null: commands work locally.</param>
internal sealed record Contexts(IReadOnlyList<ServerContext> All, string? Current)
{
    /// <summary>The name that stands for this machine's own data folder.</summary>
    public const string Local = "local";

    /// <summary>None.</summary>
    public static readonly Contexts None = new([], null);

    /// <summary>The one of a name; null when there is none.</summary>
    public ServerContext? Find(string? name) => All.FirstOrDefault(context => context.Name == name);

    /// <summary>With one more, or in place of the one of its name. The first becomes current.</summary>
    public Contexts With(ServerContext context) => new(
        [.. All.Where(other => other.Name != context.Name).Append(context).OrderBy(c => c.Name, StringComparer.Ordinal)],
        All.Count == 0 ? context.Name : Current);

    /// <summary>Without one.</summary>
    public Contexts Without(string name) => new([.. All.Where(context => context.Name != name)], Current == name ? null : Current);
}
