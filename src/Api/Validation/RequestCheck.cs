using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using OrleansFlow.Api.Errors;
using OrleansFlow.Contracts.Errors;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Rpc;

namespace OrleansFlow.Api.Validation;

/// <summary>Collects everything that is wrong with a request, and refuses it with all of that at once.</summary>
internal sealed class RequestCheck
{
    /// <summary>The greatest length of a request id.</summary>
    public const int LongestRequestId = 200;

    /// <summary>The greatest length of a reason given by people.</summary>
    public const int LongestWhy = 1000;

    // Errors travel in headers, of which clients take 8 KiB.
    private const int MostViolations = 20;
    private const int LongestProblem = 300;
    private const int LongestTogether = 2000;

    // The message tells these, the details more.
    private const int MostInWords = 4;

    private readonly BadRequest _bad = new();
    private int _length;
    private int _more;

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsFine => _bad.FieldViolations.Count == 0;

    /// <summary>Notes a violation; of very many only the first are told, and how many more there are.</summary>
    /// <param name="field">The path of the field, as proto names; callers who speak JSON are told the names of that.</param>
    /// <param name="reason">The kind: REQUIRED, MALFORMED, OUT_OF_RANGE.</param>
    /// <param name="problem">What is wrong and what would be right.</param>
    public void Add(string field, string reason, string problem)
    {
        var violation = new BadRequest.Types.FieldViolation { Field = Short(field), Reason = reason, Description = Short(problem, LongestProblem) };
        _length += violation.Field.Length + violation.Description.Length;
        if (_bad.FieldViolations.Count == MostViolations || (_bad.FieldViolations.Count > 0 && _length > LongestTogether)) _more++;
        else _bad.FieldViolations.Add(violation);
    }

    /// <summary>Reads a field that is needed; the default when it is missing or wrong, which is noted.</summary>
    /// <param name="field">The path of the field.</param>
    /// <param name="text">Its value.</param>
    /// <param name="form">What it looks like.</param>
    /// <param name="read">Reads it; null when it is wrong.</param>
    public T Read<T>(string field, string text, string form, Func<string, T?> read) where T : struct
    {
        if (text.Length == 0)
        {
            Add(field, "REQUIRED", $"it is required: {form}");
            return default;
        }

        if (read(text) is { } value) return value;
        Add(field, "MALFORMED", $"'{Short(text)}' is not of the form {form}");
        return default;
    }

    /// <summary>The size of a page: the default for none, the greatest for more.</summary>
    public int PageSize(int given, int standard = 100, int greatest = 1000)
    {
        if (given < 0) Add("page_size", "OUT_OF_RANGE", $"{given} is less than 1; leave it out for {standard}");
        return given <= 0 ? standard : Math.Min(given, greatest);
    }

    /// <summary>What every command carries: why, and the id of the request.</summary>
    public void Command(string why, string requestId)
    {
        if (why.Length > LongestWhy) Add("why", "OUT_OF_RANGE", $"it has {why.Length} characters, at most {LongestWhy} are allowed");
        if (requestId.Length > LongestRequestId)
            Add("request_id", "OUT_OF_RANGE", $"it has {requestId.Length} characters, at most {LongestRequestId} are allowed");
        else if (requestId.Any(c => c is < '!' or > '~'))
            Add("request_id", "MALFORMED", "only printable ASCII characters without blanks are allowed, such as those of a UUID");
    }

    /// <summary>Members of an enum, none of them unknown or unspecified.</summary>
    public void Members<T>(string field, IEnumerable<T> values) where T : struct, System.Enum
    {
        var index = 0;
        foreach (var value in values)
        {
            if (Convert.ToInt32(value, CultureInfo.InvariantCulture) == 0 || !System.Enum.IsDefined(value))
                Add($"{field}[{index}]", "MALFORMED", $"{value} is not a value that can be asked for");
            index++;
        }
    }

    /// <summary>A moment that can be one.</summary>
    public DateTimeOffset? Instant(string field, Timestamp? value)
    {
        if (value is null) return null;
        try
        {
            return value.ToDateTimeOffset();
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            Add(field, "OUT_OF_RANGE", "it is no moment between the years 1 and 9999");
            return null;
        }
    }

    /// <summary>Refuses the request when anything is wrong with it.</summary>
    /// <param name="reason">Why, as programs see it.</param>
    /// <param name="facts">By name.</param>
    /// <exception cref="RpcException">Something is.</exception>
    public void ThrowIfWrong(ErrorReason reason = ErrorReason.InvalidRequest, params (string Name, string Value)[] facts)
    {
        if (!IsFine) throw Refusal(reason, facts);
    }

    /// <summary>The refusal of a request with something wrong.</summary>
    /// <param name="reason">Why, as programs see it.</param>
    /// <param name="facts">By name.</param>
    public RpcException Refusal(ErrorReason reason, params (string Name, string Value)[] facts)
    {
        var all = string.Join("; ", _bad.FieldViolations.Take(MostInWords).Select(violation => $"{violation.Field}: {Part(violation.Description)}"));
        var more = Math.Max(0, _bad.FieldViolations.Count - MostInWords) + _more;
        if (more > 0) all += $"; and {more} more";
        if (_more > 0) facts = [.. facts, ("more_violations", _more.ToString(CultureInfo.InvariantCulture))];
        return new RpcException(RpcCode.InvalidArgument, ApiError.Sentence($"The request is wrong: {all}"), [ApiError.Info(reason, facts), _bad]);
    }

    // What ends as a sentence goes on here.
    private static string Part(string problem) => problem.EndsWith("...", StringComparison.Ordinal) ? problem : problem.TrimEnd('.');

    /// <summary>What a caller sent, no longer than is of use in an answer to him.</summary>
    public static string Short(string text, int longest = 100) => text.Length <= longest ? text : text[..longest] + "...";
}
