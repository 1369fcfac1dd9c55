using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using OrleansFlow.DagFiles.Yaml;

namespace OrleansFlow.DagFiles.Fields;

/// <summary>What only a Kubernetes backend reads: checked for shape, kept as JSON.</summary>
internal static class KubernetesKinds
{
    private static readonly string[] AgentChoices = ["always", "never"];

    private static readonly FieldTable<JsonObject> ResourceFields = new("resources", Amounts("requests", "What the node must have free"), Amounts("limits", "What the container may use"));

    public static readonly Kind<JsonObject> Resources = ResourceFields.AsKind("a map of 'requests' and 'limits'", () => []);

    public static readonly Kind<string> Agent = new(
        "always or never",
        () => new JsonObject { ["enum"] = new JsonArray([.. AgentChoices.Select(choice => JsonValue.Create(choice))]) },
        (YamlNode node, Problems problems, [MaybeNullWhen(false)] out string value) =>
        {
            value = node is YamlScalar scalar ? scalar.Text : "";
            if (AgentChoices.Contains(value)) return true;
            problems.Error(node, $"expected always or never, got {node.Kind}");
            return false;
        });

    /// <summary>Names of secrets, or a map from variables to <c>secret/key</c>.</summary>
    public static readonly Kind<JsonNode> Secrets = new(
        "a list or a map",
        () => Kinds.AnyOf(Kinds.ListOf(Kinds.Type("string")), new JsonObject { ["type"] = "object", ["additionalProperties"] = Kinds.Type("string") }),
        (YamlNode node, Problems problems, [MaybeNullWhen(false)] out JsonNode value) =>
        {
            value = new JsonObject();
            if (node is YamlMap)
            {
                if (!Kinds.TextByName.Read(node, problems, out var byName)) return false;
                value = ToJson(byName);
                return true;
            }

            if (!Kinds.Texts.Read(node, problems, out var names)) return false;
            value = new JsonArray([.. names.Select(name => JsonValue.Create(name))]);
            return true;
        });

    private static Field<JsonObject, IReadOnlyDictionary<string, string>> Amounts(string name, string description) => new(
        name, Kinds.TextByName, null, description + ": { cpu: 500m, memory: 1Gi }.", (resources, amounts) => new JsonObject(Copy(resources)) { [name] = ToJson(amounts) });

    private static JsonObject ToJson(IReadOnlyDictionary<string, string> texts) =>
        new(texts.Select(text => KeyValuePair.Create(text.Key, (JsonNode?)JsonValue.Create(text.Value))));

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Copy(JsonObject json) =>
        json.Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone()));
}
