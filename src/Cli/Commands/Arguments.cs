using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrleansFlow.Domain.Durations;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Commands;

/// <summary>A task as people name it: <c>task</c> or <c>task[3]</c>.</summary>
/// <param name="Task">The task.</param>
/// <param name="MapIndex">The element; null when none was named.</param>
internal readonly record struct TaskArgument(TaskId Task, int? MapIndex);

/// <summary>Arguments and options that several commands take.</summary>
internal static class Arguments
{
    /// <summary>A run, or a name for the last one.</summary>
    public static Argument<string> Run() => new("RUN") { Description = "A run's id, DAG@latest or @latest." };

    /// <summary>A task of a run.</summary>
    public static Argument<string> Task() => new("TASK") { Description = "A task, or an element of a mapped one: task[3]." };

    /// <summary>A DAG.</summary>
    public static Argument<string> Dag() => new("DAG") { Description = "A DAG's id." };

    /// <summary>Parameters of a run.</summary>
    public static Option<string[]> Params() => new("--param", "-p")
    {
        Description = "A parameter of the run; may be repeated.",
        HelpName = "name=value",
    };

    /// <summary>The logical date of a run.</summary>
    public static Option<string?> LogicalDate() => new("--logical-date")
    {
        Description = "The run's logical date (default: now).",
        HelpName = "date",
    };

    /// <summary>A file of parameters of a run.</summary>
    public static Option<string?> ParamsFile() => new("--params-file")
    {
        Description = "A JSON or YAML file of parameters by name; what --param says goes before it.",
        HelpName = "file",
    };

    /// <summary>The id of a new run.</summary>
    public static Option<string?> NewRunId() => new("--run-id")
    {
        Description = "The id that the run gets, unique in the installation (default: one is made).",
        HelpName = "id",
    };

    /// <summary>Why a command is given.</summary>
    public static Option<string?> Why() => new("--why")
    {
        Description = "Why this is done: it is kept in the history, with who did it.",
        HelpName = "reason",
    };

    /// <summary>Whether to return as soon as the command is recorded.</summary>
    public static Option<bool> NoWait() => new("--no-wait")
    {
        Description = "Do not wait until the run has ended; it goes on at its server, or when the engine is hosted again.",
    };

    /// <summary>An option whose value is a whole number.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is.</param>
    /// <param name="value">What its value is called in the help.</param>
    /// <param name="standard">Its value when it is not given.</param>
    public static Option<int> Whole(string name, string description, string value, int standard) => new(name)
    {
        Description = description,
        HelpName = value,
        CustomParser = result => ReadWhole(result, name),
        DefaultValueFactory = _ => standard,
    };

    /// <summary>Reads the whole number that an option or argument is given.</summary>
    /// <param name="result">What it is given.</param>
    /// <param name="name">What people call it.</param>
    public static int ReadWhole(ArgumentResult result, string name)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        var isLarge = text.Length > 0 && text.TrimStart('-').All(char.IsAsciiDigit);
        result.AddError($"{name}: {(isLarge ? $"{text} is out of range" : $"'{text}' is not a whole number")}");
        return 0;
    }

    /// <summary>Reads <c>task</c> or <c>task[3]</c>.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static TaskArgument ReadTask(string text)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        var id = open < 0 ? text : text[..open];
        if (IdRules.Problem(id) is { } problem) throw CliException.Invalid($"TASK: {problem}");
        if (open < 0) return new TaskArgument(new TaskId(id), null);
        var index = text[(open + 1)..].TrimEnd(']');
        if (!text.EndsWith(']') || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var element))
            throw CliException.Invalid($"TASK: '{text}' is not a task; an element of a mapped task is {id}[3]");
        return new TaskArgument(new TaskId(id), element);
    }

    /// <summary>Reads the id of a DAG.</summary>
    /// <exception cref="CliException">It cannot be one.</exception>
    public static DagId ReadDag(string text) =>
        IdRules.Problem(text) is { } problem ? throw CliException.Invalid($"DAG: {problem}") : new DagId(text);

    /// <summary>Reads a date or an instant; without an offset it is in UTC.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static DateTimeOffset? ReadDate(string? text, string option)
    {
        if (text is null) return null;
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var at)
            ? at
            : throw CliException.Invalid($"{option}: '{text}' is no date; write 2024-01-31 or 2024-01-31T06:00:00Z");
    }

    /// <summary>Reads how long ago, or since when.</summary>
    /// <exception cref="CliException">It is neither a duration nor an instant.</exception>
    public static DateTimeOffset? ReadSince(string? text, DateTimeOffset now)
    {
        if (text is null) return null;
        return Duration.TryParse(text, out var ago, out var problem) ? now - ago
            : char.IsAsciiDigit(text.FirstOrDefault()) && text.Contains('-', StringComparison.Ordinal) ? ReadDate(text, "--since")
            : throw CliException.Invalid($"--since: {problem}");
    }
}
