using System.Net;
using System.Net.Sockets;

namespace OrleansFlow.Tests.EndToEnd.Harness;

/// <summary>Finds ports on loopback for programs that must be told one.</summary>
internal static class Ports
{
    /// <summary>One that nobody has at the moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The same, and another one than that of an address.</summary>
    public static int FreeBeside(string taken)
    {
        while (true)
            if (Free() is var port && port != new Uri(taken).Port) return port;
    }
}
