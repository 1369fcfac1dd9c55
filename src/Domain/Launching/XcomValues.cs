using System.Text.Json;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Launching;

/// <summary>The xcoms that something refers to, as far as there are any.</summary>
/// <param name="Rows">The rows, each with its value.</param>
/// <param name="Problems">Those that exist and cannot be had, with the reason for the user.</param>
public sealed record XcomValues(IReadOnlyList<Xcom> Rows, IReadOnlyDictionary<XcomReference, string> Problems)
{
    /// <summary>None.</summary>
    public static readonly XcomValues None = new([], new Dictionary<XcomReference, string>());

    private readonly Lazy<IReadOnlyDictionary<XcomReference, JsonElement>> _values = new(() => TaskNames.Xcoms(Rows));

    /// <summary>The values, read once for all who ask.</summary>
    public IReadOnlyDictionary<XcomReference, JsonElement> Values => _values.Value;
}
