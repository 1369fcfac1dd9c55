using OrleansFlow.Client.Errors;
using OrleansFlow.Rpc;

namespace OrleansFlow.Cli.Remote;

/// <summary>What a server's refusals say to the shell.</summary>
internal static class RemoteErrors
{
    /// <summary>The exit code: not there or not able to, or asked for something that is refused.</summary>
    public static int CodeOf(FlowException error) => error.Code switch
    {
        RpcCode.Unavailable or RpcCode.DeadlineExceeded or RpcCode.Internal or RpcCode.DataLoss or RpcCode.Unimplemented => ExitCode.Unavailable,
        RpcCode.Unknown when error.InnerException is RpcException => ExitCode.Unavailable,
        _ => ExitCode.Invalid,
    };
}
