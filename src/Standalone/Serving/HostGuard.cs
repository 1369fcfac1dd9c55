using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using OrleansFlow.Api.Security;

namespace OrleansFlow.Standalone.Serving;

/// <summary>
/// Refuses requests that web pages make: those that come by a foreign name (a page whose name was turned to this machine), and those that a
/// page of another origin sends. A server runs commands, so a browser must not be talked into calling it. Immutable and thread-safe.
/// </summary>
/// <param name="options">Where the server listens, and by which names.</param>
internal sealed class HostGuard(ServeOptions options)
{
    private static readonly string[] s_loopback = ["127.0.0.1", "localhost", "[::1]"];
    private readonly string[] _own = [.. s_loopback, options.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{options.Address}]" : options.Address.ToString()];
    private readonly bool _anyName = options.AllowedHosts.Count == 0 && !IPAddress.IsLoopback(options.Address);

    /// <summary>Lets a request through, or answers it.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var refusal = RefusalOfName(http.Request.Host, http.Request.Protocol) ?? Refusal(http.Request.Host, http.Request.Headers.Origin.ToString(), http.Connection.LocalPort);
        if (refusal is null) return next(http);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(refusal + "\n", http.RequestAborted);
    }

    /// <summary>
    /// Why a request to a server that asks for no token is refused for its name; null when it is not. A page whose name was turned to this
    /// server reads by GET without an origin, but not by an address, and not without HTTP/1.1.
    /// </summary>
    /// <param name="host">The name it came by.</param>
    /// <param name="protocol">The version of HTTP.</param>
    internal string? RefusalOfName(HostString host, string protocol) =>
        !_anyName || options.Tokens != TokenBook.Open || HttpProtocol.IsHttp2(protocol) || IPAddress.TryParse(host.Host, out _)
            ? null
            : $"This server lets everybody in, and therefore answers by HTTP/1.1 only to its IP address: name '{host.Host}' in allowed_hosts if it is its name.";

    /// <summary>Why a request is refused; null when it is not.</summary>
    /// <param name="host">The name it came by.</param>
    /// <param name="origin">The page that made it; empty for none.</param>
    /// <param name="port">The port it came to.</param>
    internal string? Refusal(HostString host, string origin, int port)
    {
        if (!_anyName && !IsOurs(host.Host, host.Port ?? 80, port))
            return $"This server is not called '{host}'. It answers to {string.Join(", ", Names().Select(name => $"{name}:{port}"))}.";
        if (origin.Length == 0) return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsOurs(Bracketed(page), page.Port, port) && !_anyName
            ? null
            : $"This server does not answer to web pages of '{origin}'.";
    }

    private IEnumerable<string> Names() => options.AllowedHosts.Count > 0 ? options.AllowedHosts : _own.Distinct();

    // Behind a proxy the port is the proxy's; on loopback it must be the very one.
    private bool IsOurs(string name, int namedPort, int port) =>
        options.AllowedHosts.Contains(name, StringComparer.OrdinalIgnoreCase)
        || (IPAddress.IsLoopback(options.Address) && _own.Contains(name, StringComparer.OrdinalIgnoreCase) && namedPort == port);

    private static string Bracketed(Uri page) => page.HostNameType == UriHostNameType.IPv6 ? $"[{page.DnsSafeHost}]" : page.Host;
}
