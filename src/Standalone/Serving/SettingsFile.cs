using OrleansFlow.Standalone.DataFolders;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OrleansFlow.Standalone.Serving;

/// <summary>A YAML file of settings.</summary>
public static class SettingsFile
{
    /// <summary>Its values by their names; of a list the values with commas between them. An empty file has none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HostStartException">It cannot be read, or is no map of plain values.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        try
        {
            var yaml = new YamlStream();
            using (var reader = File.OpenText(path)) yaml.Load(reader);
            if (yaml.Documents.Count == 0) return [];
            if (yaml.Documents is not [{ RootNode: YamlMappingNode map }]) throw Wrong($"{path}: a file of settings is one map.");
            return map.Children.ToDictionary(entry => ValueOf(entry.Key, path), entry => ValueOf(entry.Value, path), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"{path} cannot be read: {e.Message}", e);
        }
        catch (YamlException e)
        {
            throw Wrong($"{path}:{e.Start.Line}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // what the scanner says of some files that end too early
            throw Wrong($"{path} is no YAML: something in it is not closed, such as a bracket or a quote.", e);
        }
    }

    private static string ValueOf(YamlNode node, string path) => node switch
    {
        YamlScalarNode { Value: { } text } => text,
        YamlSequenceNode list => string.Join(',', list.Children.Select(item => ValueOf(item, path))),
        _ => throw Wrong($"{path}:{node.Start.Line}: a setting has a plain value."),
    };

    private static HostStartException Wrong(string message, Exception? cause = null) =>
        new(StartProblem.Settings, message, "Write one line for each setting, such as `port: 8233`; docs/server.md lists them.", cause);
}
