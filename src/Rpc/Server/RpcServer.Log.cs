using Microsoft.Extensions.Logging;

namespace OrleansFlow.Rpc.Server;

internal sealed partial class RpcServer
{
    [LoggerMessage(5001, LogLevel.Error, "{Path} failed; the caller was told INTERNAL and {Trace}")]
    private partial void LogFailed(Exception error, string path, string trace);

    [LoggerMessage(5002, LogLevel.Debug, "{Path} ended, but the caller was gone before its status was written")]
    private partial void LogUnheard(string path);
}
