using System.CommandLine;
using OrleansFlow.Cli.Documents;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Commands;

/// <summary><c>flow pools</c>.</summary>
internal static class PoolsCommands
{
    public static Command Build(CommandFactory create) =>
        CommandFactory.Group("pools", "Pools: slots that tasks share.", List(create), Set(create));

    private static Command List(CommandFactory create) => create.Create(
        "list", "Lists the pools with what is used and how many wait.", [], async (_, flow, cancellation) =>
        {
            await using var engine = await flow.ReadAsync(cancellation);
            flow.Output.List(await engine.Queries.ListPoolsAsync(cancellation), PoolDocument.Shape);
            return ExitCode.Success;
        });

    private static Command Set(CommandFactory create)
    {
        var name = new Argument<string>("NAME") { Description = "The pool; it is created when there is none." };
        var slots = new Argument<int>("SLOTS")
        {
            Description = "How many slots it has, zero or more.",
            CustomParser = result => Arguments.ReadWhole(result, "SLOTS"),
        };
        var why = Arguments.Why();
        return create.Create("set", "Sets the slots of a pool.", [name, slots, why], async (args, flow, cancellation) =>
        {
            var pool = args.GetValue(name)!;
            if (IdRules.Problem(pool) is { } problem) throw CliException.Invalid($"NAME: {problem}");
            var wanted = args.GetValue(slots);
            if (wanted < 0) throw CliException.Invalid($"SLOTS: {wanted} is less than zero");
            await using var engine = await flow.HostAsync(cancellation);
            Replies.Check(await engine.Peers.Pool(pool).SetSlotsAsync(new SetSlots(wanted) { By = flow.NewOrigin(args.GetValue(why)) }, cancellation));
            var pools = await engine.Queries.ListPoolsAsync(cancellation);
            flow.Output.List([.. pools.Where(p => p.Pool.Name == pool)], PoolDocument.Shape);
            return ExitCode.Success;
        });
    }
}
