using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansFlow.Contracts;

/// <summary>
/// The name of a resource as requests and answers carry it: <c>dags/credit</c>, <c>runs/manual-1/tasks/train/elements/3/attempts/2</c>.
/// Reads and composes; whether an id is one, and whether the resource exists, is for others to say. Immutable.
/// </summary>
public sealed class ResourceName
{
    /// <summary>The id of an attempt that means the last one.</summary>
    public const string Latest = "latest";

    /// <summary>The id of a version that means the current one.</summary>
    public const string Current = "current";

    /// <summary>Which collections may stand below which; first, those that stand below none.</summary>
    private static readonly Dictionary<string, string[]> Below = new()
    {
        [""] = ["dags", "runs", "pools", "capacityClasses", "hosts"],
        ["dags"] = ["versions"],
        ["runs"] = ["tasks"],
        ["tasks"] = ["elements", "attempts", "artifacts", "xcoms"],
        ["elements"] = ["attempts", "artifacts", "xcoms"],
    };

    private readonly Dictionary<string, string> _ids;

    private ResourceName(string text, string kind, Dictionary<string, string> ids) => (Text, Kind, _ids) = (text, kind, ids);

    /// <summary>The whole name.</summary>
    public string Text { get; }

    /// <summary>What it names: the last collection of the name, such as <c>tasks</c> or <c>attempts</c>.</summary>
    public string Kind { get; }

    /// <summary>The last id of the name: all there is to a pool, a capacity class or a host.</summary>
    public string Id => _ids[Kind];

    /// <summary>The id of the DAG; null when there is none in the name.</summary>
    public string? Dag => this["dags"];

    /// <summary>The hash of the version, or <c>current</c>; null when there is none in the name.</summary>
    public string? Version => this["versions"];

    /// <summary>The id of the run; null when there is none in the name.</summary>
    public string? Run => this["runs"];

    /// <summary>The id of the task; null when there is none in the name.</summary>
    public string? Task => this["tasks"];

    /// <summary>The element of a mapped task; null when there is none in the name.</summary>
    public int? MapIndex => this["elements"] is { } index ? Number(index) : null;

    /// <summary>The number of the attempt; null when there is none in the name, and for <c>latest</c>.</summary>
    public int? Epoch => this["attempts"] is { } epoch and not Latest ? Number(epoch) : null;

    /// <summary>The path of the file below <c>$FLOW_OUTPUTS</c>; null when there is none in the name.</summary>
    public string? ArtifactPath => this["artifacts"];

    /// <summary>The key of the value; null when there is none in the name.</summary>
    public string? XcomKey => this["xcoms"];

    private string? this[string collection] => _ids.GetValueOrDefault(collection);

    /// <summary><c>dags/{dag}</c>.</summary>
    public static string OfDag(string dag) => $"dags/{dag}";

    /// <summary><c>dags/{dag}/versions/{version}</c>.</summary>
    public static string OfVersion(string dag, string hash) => $"{OfDag(dag)}/versions/{hash}";

    /// <summary><c>runs/{run}</c>.</summary>
    public static string OfRun(string run) => $"runs/{run}";

    /// <summary><c>runs/{run}/tasks/{task}</c>, for an element of a mapped task with <c>/elements/{index}</c>.</summary>
    public static string OfTaskInstance(string run, string task, int? mapIndex) => mapIndex is { } index
        ? string.Create(CultureInfo.InvariantCulture, $"{OfRun(run)}/tasks/{task}/elements/{index}")
        : $"{OfRun(run)}/tasks/{task}";

    /// <summary>The name of a task instance with <c>/attempts/{epoch}</c>.</summary>
    public static string OfAttempt(string taskInstance, int epoch) => string.Create(CultureInfo.InvariantCulture, $"{taskInstance}/attempts/{epoch}");

    /// <summary>The name of a task instance with <c>/artifacts/{path}</c>.</summary>
    public static string OfArtifact(string taskInstance, string path) => $"{taskInstance}/artifacts/{path}";

    /// <summary>The name of a task instance with <c>/xcoms/{key}</c>.</summary>
    public static string OfXcom(string taskInstance, string key) => $"{taskInstance}/xcoms/{key}";

    /// <summary><c>pools/{pool}</c>.</summary>
    public static string OfPool(string pool) => $"pools/{pool}";

    /// <summary>Reads a name; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ResourceName? name)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = null;
        var parts = text.Split('/');
        var ids = new Dictionary<string, string>();
        var kind = "";
        for (var i = 0; i < parts.Length; i += 2)
        {
            if (!Below.GetValueOrDefault(kind, []).Contains(parts[i])) return false;
            kind = parts[i];
            // what follows these is a path or a key, slashes and all
            var toTheEnd = kind is "artifacts" or "xcoms";
            var id = toTheEnd ? string.Join('/', parts[(i + 1)..]) : parts.ElementAtOrDefault(i + 1) ?? "";
            if (!IsId(kind, id)) return false;
            ids.Add(kind, id);
            if (toTheEnd) break;
        }

        name = new ResourceName(text, kind, ids);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsId(string kind, string id) => kind switch
    {
        "elements" => Number(id) is not null,
        "attempts" => id == Latest || Number(id) is > 0,
        _ => id.Length > 0,
    };

    /// <summary>A number as it is written here: without leading zeros, so that a resource has one name.</summary>
    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (text == "0" || text[0] != '0') ? number : null;
}
