using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansFlow.TaskRuntime.Outputs;

namespace OrleansFlow.TaskRuntime.Contract;

/// <summary>The xcoms that an attempt has put while it runs; those of <c>$FLOW_XCOM</c> go over them when it commits. Bounded. Thread-safe.</summary>
public sealed class XcomDraft
{
    /// <summary>How many keys there may be.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>How large all values together may be, as compact JSON in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private int _bytes;

    /// <summary>Keeps values, all of them or none.</summary>
    /// <param name="values">JSON by key.</param>
    /// <returns>What is wrong with them: the key and the problem; null when they are kept.</returns>
    public (string Key, string Problem)? Put(IReadOnlyDictionary<string, string> values)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            if (Problem(key, value, out var compact) is { } problem) return (key, problem);
            read.Add(key, compact);
        }

        lock (_lock)
        {
            var bytes = _bytes + read.Sum(value => Size(value.Value) - Size(_values.GetValueOrDefault(value.Key, "")));
            var keys = _values.Count + read.Keys.Count(key => !_values.ContainsKey(key));
            if (bytes > MaxBytes || keys > MaxKeys)
                return (read.Keys.First(), string.Create(
                    CultureInfo.InvariantCulture,
                    $"an attempt may put {MaxKeys:N0} keys with {MaxBytes:N0} bytes in all; write large data to a file in $FLOW_OUTPUTS"));
            foreach (var (key, value) in read) _values[key] = value;
            _bytes = bytes;
        }

        return null;
    }

    /// <summary>The values as they are now, with others laid over them.</summary>
    internal IReadOnlyDictionary<string, string> Under(IReadOnlyDictionary<string, string> others)
    {
        lock (_lock)
        {
            if (_values.Count == 0) return others;
            var all = new Dictionary<string, string>(_values, StringComparer.Ordinal);
            foreach (var (key, value) in others) all[key] = value;
            return all;
        }
    }

    private static string? Problem(string key, string value, out string compact)
    {
        compact = "";
        if (!XcomValues.IsKey(key)) return $"keys have 1 to {XcomValues.MaxKeyLength} characters, none of them a control character";
        try
        {
            using var document = JsonDocument.Parse(value, XcomValues.Strict);
            compact = XcomValues.Read(key, document.RootElement);
        }
        catch (JsonException e)
        {
            return $"it is not valid JSON: {XcomValues.Sentence(e).TrimEnd('.')}; a text is written with quotation marks of its own";
        }
        catch (InvalidOperationException)
        {
            return "it holds text that is not valid Unicode: half of a surrogate pair (\\udxxx) stands alone";
        }
        catch (OutputProblemException e)
        {
            return e.Message;
        }

        return Size(compact) is var size and > LargeXcoms.MaxInlineBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"it has {size:N0} bytes, at most {LargeXcoms.MaxInlineBytes:N0} are taken; larger values go into $FLOW_XCOM")
            : null;
    }

    private static int Size(string value) => Encoding.UTF8.GetByteCount(value);
}
