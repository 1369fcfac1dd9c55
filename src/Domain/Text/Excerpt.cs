namespace OrleansFlow.Domain.Text;

/// <summary>Quotes what a user wrote, fit for a message: on one line and not too long.</summary>
internal static class Excerpt
{
    private const int MaxLength = 80;

    /// <summary><c>'text'</c>; of long texts the beginning, followed by dots.</summary>
    public static string Of(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= MaxLength ? $"'{line}'" : $"'{line.AsSpan(0, MaxLength)}...'";
    }
}
