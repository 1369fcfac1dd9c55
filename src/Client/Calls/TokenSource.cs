using OrleansFlow.Client.Errors;

namespace OrleansFlow.Client.Calls;

/// <summary>The bearer token of calls. A file is read again when it has changed: a server that starts again may have a new one.</summary>
internal sealed class TokenSource(FlowClientOptions options)
{
    private readonly Lock _lock = new();
    private (DateTime Written, string Token)? _read;

    public ValueTask<string?> GetAsync(CancellationToken cancellation) =>
        ValueTask.FromResult(options.TokenFile is { } file ? Read(file) : options.Token);

    private string? Read(string file)
    {
        lock (_lock)
        {
            try
            {
                var written = File.GetLastWriteTimeUtc(file);
                if (_read is { } known && known.Written == written) return known.Token;
                var token = File.ReadAllText(file).Trim();
                if (token.Length == 0) throw new FlowException($"The token file {file} is empty: put the token into it.");
                if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
                    throw new FlowException($"The token file {file} holds more than a token: one line of printable ASCII is expected.");
                _read = (written, token);
                return token;
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new FlowException($"The token file {file} cannot be read: {refused.Message}", refused);
            }
        }
    }
}
