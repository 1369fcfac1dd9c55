namespace OrleansFlow.Standalone.DataFolders;

/// <summary>Which folder an embedded host uses when nobody names one.</summary>
internal static class DataFolderLocation
{
    /// <summary>
    /// The first that applies: FLOW_DATA_DIR; /var/lib/orleansflow for root (PostgreSQL runs as another user, who cannot enter
    /// /root); $XDG_DATA_HOME/orleansflow; ~/.local/share/orleansflow. XDG says to ignore a relative XDG_DATA_HOME.
    /// </summary>
    /// <exception cref="HostStartException">No variable says where the user's files belong.</exception>
    public static string Choose(Func<string, string?> environment, bool isRoot)
    {
        if (environment("FLOW_DATA_DIR") is { Length: > 0 } chosen) return chosen;
        if (isRoot) return "/var/lib/orleansflow";
        if (environment("XDG_DATA_HOME") is ['/', ..] xdg) return Path.Combine(xdg, "orleansflow");
        if (environment("HOME") is ['/', ..] home) return Path.Combine(home, ".local", "share", "orleansflow");
        throw new HostStartException(
            StartProblem.Unsupported, "There is no home folder to keep the data in: HOME is not set.",
            "Set FLOW_DATA_DIR to a folder of your own.");
    }
}
