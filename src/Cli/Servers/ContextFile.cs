using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansFlow.Cli.Servers;

/// <summary>Keeps <see cref="Contexts"/> in <c>orleansflow/contexts.json</c> of the user's configuration folder; nobody else may read it.</summary>
/// <param name="environment">Environment variables by name.</param>
internal sealed class ContextFile(Func<string, string?> environment)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Where it is; null when the environment names no home.</summary>
    public string? Place => environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? Path.Combine(config, "orleansflow", "contexts.json")
        : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config", "orleansflow", "contexts.json")
        : null;

    /// <summary>What it holds; nothing when there is no file.</summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public Contexts Read()
    {
        if (Place is not { } place) return Contexts.None;
        try
        {
            return Parse(JsonNode.Parse(File.ReadAllText(place)));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return Contexts.None;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Unavailable, $"{place} cannot be read: {refused.Message}", refused);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new CliException(ExitCode.Invalid, $"{place} is not a file of contexts: {broken.Message}; mend it, or remove it and add them again", broken);
        }
    }

    /// <summary>Puts others in their place: all of them, or none when the disk says no.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public void Write(Contexts contexts)
    {
        var place = Place ?? throw CliException.Invalid("neither XDG_CONFIG_HOME nor HOME says where contexts are kept; set one of them");
        try
        {
            var folder = Path.GetDirectoryName(place)!;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var unfinished = $"{place}.{Environment.ProcessId}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var writer = new StreamWriter(unfinished, options)) writer.WriteLine(Document(contexts).ToJsonString(Indented));
            File.Move(unfinished, place, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Unavailable, $"{place} cannot be written: {refused.Message}", refused);
        }
    }

    private static Contexts Parse(JsonNode? document)
    {
        var file = document?.AsObject() ?? throw new FormatException("it is empty");
        var all = file["contexts"]?.AsArray().Select(item => new ServerContext(
            Text(item, "name") ?? throw new FormatException("a context has no name"),
            Text(item, "server") ?? throw new FormatException("a context has no server"),
            Text(item, "tokenFile"))) ?? [];
        return new Contexts([.. all], Text(file, "current"));
    }

    private static string? Text(JsonNode? item, string name) => item?[name]?.GetValue<string>();

    private static JsonObject Document(Contexts contexts) => new()
    {
        ["current"] = contexts.Current,
        ["contexts"] = new JsonArray([.. contexts.All.Select(context => (JsonNode)new JsonObject
        {
            ["name"] = context.Name,
            ["server"] = context.Server,
            ["tokenFile"] = context.TokenFile,
        })]),
    };
}
