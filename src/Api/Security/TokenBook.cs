using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Contracts.V1;

namespace OrleansFlow.Api.Security;

/// <summary>
/// The tokens that a server knows, as hashes: a token cannot be read out of the process by printing this, and comparing takes the same time
/// whatever was sent. Immutable and thread-safe.
/// </summary>
public sealed class TokenBook
{
    /// <summary>The fewest characters of a token.</summary>
    public const int ShortestToken = 16;

    private readonly IReadOnlyList<(byte[] Hash, Caller Caller)> _entries;
    private readonly Caller? _everybody;

    private TokenBook(IReadOnlyList<(byte[] Hash, Caller Caller)> entries, Caller? everybody)
    {
        _entries = entries;
        _everybody = everybody;
    }

    /// <summary>No token is needed: everybody may do everything.</summary>
    public static TokenBook Open { get; } = new([], new Caller("anonymous", Role.Admin));

    /// <summary>One token for everything.</summary>
    /// <param name="token">The token.</param>
    /// <param name="name">Whose it is.</param>
    public static TokenBook OfOne(string token, string name) => new([(Hash(token), new Caller(name, Role.Admin))], null);

    /// <summary>Reads a token file: a line for each token, <c>ROLE NAME TOKEN</c>; empty lines and those that begin with <c>#</c> do not count.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="problems">What is wrong, with the number of the line; tokens are never repeated.</param>
    /// <returns>Null when something is wrong.</returns>
    public static TokenBook? Parse(IEnumerable<string> lines, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(problems);
        var (entries, before, number) = (new List<(byte[] Hash, Caller Caller)>(), problems.Count, 0);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            number++;
            if (line.AsSpan().Trim() is [] or ['#', ..]) continue;
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is not [var role, var name, var token])
                problems.Add($"line {number}: it is not of the form ROLE NAME TOKEN");
            else if (RoleOf(role) is not { } known)
                problems.Add($"line {number}: '{role}' is no role; there are viewer, operator and admin");
            else if (token.Length < ShortestToken)
                problems.Add($"line {number}: the token of {name} has fewer than {ShortestToken} characters; make one with: openssl rand -hex 32");
            else if (entries.Find(entry => CryptographicOperations.FixedTimeEquals(entry.Hash, Hash(token))).Caller is { } other)
                problems.Add($"line {number}: the token of {name} is that of {other.Name}; nobody could tell which role counts");
            else if (!names.Add(name))
                problems.Add($"line {number}: there is a token of the name {name} already; names tell callers apart in the audit trail");
            else
                entries.Add((Hash(token), new Caller(name, known)));
        }

        if (entries.Count == 0 && problems.Count == before) problems.Add("there is no token in it; a line is of the form ROLE NAME TOKEN");
        return problems.Count == before ? new TokenBook(entries, null) : null;
    }

    /// <summary>Whose token it is; null when nobody's. Looks at every entry, so that the time tells nothing.</summary>
    /// <param name="token">What was sent; null: nothing.</param>
    internal Caller? Find(string? token)
    {
        if (_everybody is not null) return _everybody;
        if (token is null) return null;
        var hash = Hash(token);
        Caller? found = null;
        foreach (var (known, caller) in _entries)
            if (CryptographicOperations.FixedTimeEquals(known, hash)) found = caller;
        return found;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static Role? RoleOf(string name) => name switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "admin" => Role.Admin,
        _ => null,
    };
}
