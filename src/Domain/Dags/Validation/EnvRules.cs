namespace OrleansFlow.Domain.Dags.Validation;

/// <summary>What must hold of environment variables.</summary>
internal static class EnvRules
{
    public static void Check(IReadOnlyDictionary<string, string> env, SpecProblems problems, params string[] at)
    {
        foreach (var name in env.Keys.Order(StringComparer.Ordinal))
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0'))
                problems.Error($"'{name}' cannot be the name of an environment variable", [.. at, name]);
            else if (name.StartsWith("FLOW_", StringComparison.Ordinal))
                problems.Error($"'{name}' is reserved: names that begin with FLOW_ are what the task is told by OrleansFlow", [.. at, name]);
        }
    }
}
