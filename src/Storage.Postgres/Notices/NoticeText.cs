using System.Text;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Watching;

namespace OrleansFlow.Storage.Postgres.Notices;

/// <summary>
/// Changed runs as the text of notifications: the id of the host that tells, then the ids of the runs, or <c>*</c> for all of them, with blanks between.
/// Neither kind of id has blanks in it. Pure.
/// </summary>
internal static class NoticeText
{
    /// <summary>The most bytes of a text: PostgreSQL takes less than 8000.</summary>
    public const int MostBytes = 7999;

    private const string All = "*";

    /// <summary>The texts, as many as it takes; none when there is nothing to tell.</summary>
    /// <param name="host">The id of the host that tells.</param>
    /// <param name="news">What it tells.</param>
    public static IReadOnlyList<string> Write(string host, ChangedRuns news)
    {
        if (news.AreAll) return [$"{host} {All}"];
        var (texts, text) = (new List<string>(), new StringBuilder());
        foreach (var run in news.Runs)
        {
            // ids are ASCII: a character is a byte
            if (text.Length > 0 && text.Length + 1 + run.Value.Length > MostBytes)
            {
                texts.Add(text.ToString());
                text.Clear();
            }

            if (text.Length == 0) text.Append(host);
            text.Append(' ').Append(run.Value);
        }

        if (text.Length > 0) texts.Add(text.ToString());
        return texts;
    }

    /// <summary>What another host tells; null when it is this one. A text that is not understood may tell of anything.</summary>
    /// <param name="host">The id of the host that listens.</param>
    /// <param name="text">The text.</param>
    public static ChangedRuns? Read(string host, string text)
    {
        var words = text.Split(' ');
        if (words[0] == host) return null;
        return words.Length < 2 || words.Skip(1).Any(word => IdRules.Problem(word) is not null)
            ? ChangedRuns.All
            : ChangedRuns.Of(words.Skip(1).Select(word => new RunId(word)));
    }
}
