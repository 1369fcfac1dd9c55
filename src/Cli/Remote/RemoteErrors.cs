using OrleansFlow.Client.Errors;
using OrleansFlow.Rpc;

namespace OrleansFlow.Cli.Remote;

/// <summary>What a server's refusals say to the shell.</summary>
internal static class RemoteErrors
{
    /// <summary>The exit code: not there or not able to, or asked for something that is refused.</summary>
    public static int CodeOf(FlowException error) => error.Code switch
    {
        RpcCode.Unavailable or RpcCode.DeadlineExceeded or RpcCode.Internal or RpcCode.DataLoss or RpcCode.Unimplemented
            or RpcCode.ResourceExhausted or RpcCode.Aborted or RpcCode.Cancelled => ExitCode.Unavailable,
        RpcCode.Unknown when error.InnerException is RpcException => ExitCode.Unavailable,
        _ => ExitCode.Invalid,
    };

    /// <summary>The message for people at a terminal: they have no request ids to repeat commands with, but commands to look with.</summary>
    public static string MessageOf(FlowException error) => MayHaveBeenDone(error) && error.Advice is not null
        ? $"{WithoutAdvice(error)} A command may have been done all the same: look before you repeat it."
        : error.Message;

    /// <summary>What happened, where what to do about it is told otherwise.</summary>
    public static string WithoutAdvice(FlowException error) =>
        error.Advice is { } advice && error.Message.EndsWith(advice, StringComparison.Ordinal) ? error.Message[..^advice.Length].TrimEnd() : error.Message;

    /// <summary>Whether a command that failed so may have been done.</summary>
    public static bool MayHaveBeenDone(FlowException error) => error.Code is RpcCode.Unavailable or RpcCode.DeadlineExceeded or RpcCode.Cancelled
        && error.InnerException is not RpcException { WasNotSent: true };
}
