using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OrleansFlow.Api.Security;

/// <summary>A text that is served over plain HTTP beside the services, to those who may see what a viewer sees.</summary>
public static class ViewerPage
{
    /// <summary>Adds one.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="path">Its path.</param>
    /// <param name="tokens">Who is let in.</param>
    /// <param name="contentType">The type of its content.</param>
    /// <param name="write">What it says, each time anew.</param>
    public static void MapViewerPage(this IEndpointRouteBuilder routes, string path, TokenBook tokens, string contentType, Func<string> write)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(write);
        routes.MapGet(path, http =>
        {
            var caller = tokens.Find(AccessInterceptor.TokenOf(http.Request));
            if (caller is not null && Permissions.Permits(Access.Viewer, caller.Role))
            {
                http.Response.ContentType = contentType;
                return http.Response.WriteAsync(write(), http.RequestAborted);
            }

            http.Response.StatusCode = caller is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
            http.Response.Headers.WWWAuthenticate = "Bearer";
            http.Response.ContentType = "text/plain; charset=utf-8";
            return http.Response.WriteAsync($"{path} asks for the token of a viewer or more: send it as 'authorization: Bearer TOKEN'.\n", http.RequestAborted);
        });
    }
}
