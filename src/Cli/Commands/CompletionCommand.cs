using System.CommandLine;
using System.CommandLine.Completions;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow completion</c>: scripts with which shells complete; they ask this program what may follow.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # completion of flow for bash: source <(flow completion bash)
        _flow() {
            local line="${COMP_LINE:0:$COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" rest candidates
            rest="${line#*[[:space:]]}"
            mapfile -t candidates < <("${COMP_WORDS[0]}" "[suggest:${#rest}]" "$rest" 2>/dev/null)
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "${candidates[*]}" -- "$word"))
        }
        complete -o default -F _flow flow
        """;

    private const string Zsh = """
        #compdef flow
        # completion of flow for zsh: source <(flow completion zsh), or as _flow in a folder of $fpath
        _flow() {
            local line="${BUFFER[1,$CURSOR]}" rest
            local -a candidates
            rest="${line#*[[:space:]]}"
            candidates=("${(@f)$("${words[1]}" "[suggest:${#rest}]" "$rest" 2>/dev/null)}")
            candidates=("${(@)candidates:#}")
            if (( ${#candidates} )); then compadd -a candidates; else _files; fi
        }
        compdef _flow flow
        [[ $funcstack[1] != _flow ]] || _flow "$@"
        """;

    private const string Fish = """
        # completion of flow for fish: flow completion fish | source
        function __flow_candidates
            set -l rest (string replace -r '^\s*\S+\s' '' -- (commandline -cp))
            flow "[suggest:"(string length -- "$rest")"]" "$rest" 2>/dev/null
        end
        complete -c flow -a '(__flow_candidates)'
        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal) { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish };

    public static Command Build(CommandFactory create)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        return create.Create("completion", "Prints a script with which a shell completes; its first line says how to load it.", [shell], (args, flow, _) =>
        {
            flow.Output.Plain.Write(Scripts[args.GetValue(shell)!] + "\n");
            return Task.FromResult(ExitCode.Success);
        });
    }

    /// <summary>Whether a shell asks what may follow: the line is not finished then, and its errors are no errors.</summary>
    public static bool IsAsked(ParseResult parsed) =>
        parsed.RootCommandResult.Command is RootCommand root && root.Directives.OfType<SuggestDirective>().Any(directive => parsed.GetResult(directive) is not null);
}
