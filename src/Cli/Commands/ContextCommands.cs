using System.CommandLine;
using OrleansFlow.Cli.Output;
using OrleansFlow.Cli.Servers;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow context</c>: names for servers.</summary>
internal static class ContextCommands
{
    private static readonly Shape<(ServerContext Context, bool Current)> Shape = new Shape<(ServerContext Context, bool Current)>()
        .Text("name", c => c.Context.Name, "CONTEXT")
        .Flag("current", c => c.Current, "CURRENT")
        .Text("server", c => c.Context.Server, "SERVER")
        .Text("tokenFile", c => c.Context.TokenFile, "TOKEN FILE");

    public static Command Build(CommandFactory create) => CommandFactory.Group(
        "context", "Contexts: servers by name.", Add(create), Use(create), List(create), Remove(create));

    private static Command Add(CommandFactory create)
    {
        var name = Name("A name for the server.");
        return create.Create(
            "add", "Gives the server of --server a name, with the token file of --token-file; the first one becomes current.", [name], (args, flow, _) =>
            {
                var id = args.GetValue(name)!;
                if (IdRules.Problem(id) is { } problem) throw CliException.Invalid($"NAME: {problem}");
                if (id == Contexts.Local) throw CliException.Invalid($"NAME: '{Contexts.Local}' stands for this machine's own data folder; choose another name");
                var server = flow.Server.Server ?? throw CliException.Invalid("--server ADDRESS says which server is meant");
                var token = flow.Server.TokenFile is { } file ? Path.GetFullPath(file) : null;
                if (ServerAddress.Problem(server, token) is { } wrong) throw CliException.Invalid($"--server: {wrong}");
                if (token is not null && !File.Exists(token)) flow.Messages.Say($"there is no file {token} yet; it is read when a command needs it");
                if (flow.Contexts.Read().Find(id) is { } taken && taken != new ServerContext(id, server, token))
                    throw CliException.Invalid($"NAME: '{id}' is {taken.Server} already; 'flow context remove {id}' first, or choose another name");
                var before = flow.Contexts.Read().Current;
                var now = Change(flow, contexts => contexts.With(new ServerContext(id, server, token)));
                if (now.Current != before && ServerChoice.FindBeforeContext(flow.Screen.Environment) is null)
                    flow.Messages.Say($"'{id}' is the current context: commands work against {server}; 'flow context use local' works here again");
                return Task.FromResult(ExitCode.Success);
            });
    }

    private static Command Use(CommandFactory create)
    {
        var name = Name("A context; 'local' works with this machine's own data folder again.");
        return create.Create("use", "Makes a context the current one.", [name], (args, flow, _) =>
        {
            var id = args.GetValue(name)!;
            Change(flow, contexts => contexts with { Current = id == Contexts.Local ? null : Known(contexts, id).Name });
            return Task.FromResult(ExitCode.Success);
        });
    }

    private static Command List(CommandFactory create) => create.Create("list", "Lists the contexts.", [], (_, flow, _) =>
    {
        Show(flow, flow.Contexts.Read());
        return Task.FromResult(ExitCode.Success);
    });

    private static Command Remove(CommandFactory create)
    {
        var name = Name("A context.");
        return create.Create("remove", "Forgets a context; its server and its token file stay as they are.", [name], (args, flow, _) =>
        {
            Change(flow, contexts => contexts.Without(Known(contexts, args.GetValue(name)!).Name));
            return Task.FromResult(ExitCode.Success);
        });
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static ServerContext Known(Contexts contexts, string name) =>
        contexts.Find(name) ?? throw CliException.Invalid($"there is no context '{name}'; 'flow context list' shows those that there are");

    private static Contexts Change(Invocation flow, Func<Contexts, Contexts> change)
    {
        var changed = change(flow.Contexts.Read());
        flow.Contexts.Write(changed);
        Show(flow, changed);
        return changed;
    }

    private static void Show(Invocation flow, Contexts contexts)
    {
        flow.Output.List([.. contexts.All.Select(context => (context, context.Name == contexts.Current))], Shape);
        if (contexts.Current is not { } current) flow.Messages.Say("no context is current: commands work with this machine's own data folder");
        else if (ServerChoice.FindBeforeContext(flow.Screen.Environment) is { } variable)
            flow.Messages.Say($"{variable} is set and goes before the current context: commands do not work against '{current}' until you unset it, or say --context {current}");
    }
}
