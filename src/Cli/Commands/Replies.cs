using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Cli.Commands;

/// <summary>Turns the engine's refusals into messages.</summary>
internal static class Replies
{
    /// <summary>Goes on when the command was accepted.</summary>
    /// <exception cref="CliException">It was refused.</exception>
    public static CommandReply Check(CommandReply reply) =>
        reply.Accepted ? reply : throw CliException.Invalid(reply.Problem ?? "the engine refused the command without saying why");
}
