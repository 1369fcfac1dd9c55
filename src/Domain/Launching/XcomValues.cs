using System.Text.Json;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Templates;

namespace OrleansFlow.Domain.Launching;

/// <summary>The xcoms that something refers to, as far as there are any.</summary>
/// <param name="Asked">What was asked for: nothing is known of any other.</param>
/// <param name="Rows">The rows, each with its value.</param>
/// <param name="Problems">Those that exist and cannot be had.</param>
public sealed record XcomValues(
    IReadOnlyList<XcomReference> Asked, IReadOnlyList<Xcom> Rows, IReadOnlyDictionary<XcomReference, XcomProblem> Problems)
{
    /// <summary>None.</summary>
    public static readonly XcomValues None = new([], [], new Dictionary<XcomReference, XcomProblem>());

    private readonly Lazy<IReadOnlyDictionary<XcomReference, JsonElement>> _values = new(() => TaskNames.Xcoms(Rows));

    /// <summary>The values, read once for all who ask.</summary>
    public IReadOnlyDictionary<XcomReference, JsonElement> Values => _values.Value;
}

/// <summary>Why an xcom cannot be had.</summary>
/// <param name="Text">For the user.</param>
/// <param name="Permanent">Reading it again cannot help.</param>
public sealed record XcomProblem(string Text, bool Permanent);
