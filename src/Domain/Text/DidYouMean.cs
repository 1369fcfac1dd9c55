namespace OrleansFlow.Domain.Text;

/// <summary>Finds the word that somebody probably meant, for error messages. Pure and thread-safe.</summary>
public static class DidYouMean
{
    /// <summary>
    /// The candidate nearest to <paramref name="word"/>, or null when none is near: at most one slip per three letters (and
    /// always one), where a slip is a letter too many, missing, wrong or swapped with its neighbour. Case and the choice
    /// between <c>_</c>, <c>-</c> and nothing cost nothing. Of equally near candidates the first in ordinal order.
    /// </summary>
    /// <param name="word">What was written.</param>
    /// <param name="candidates">What would have been right.</param>
    public static string? Suggest(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);

        var wanted = Fold(word);
        var limit = Math.Max(1, wanted.Length / 3);
        string? best = null;
        var bestSlips = limit + 1;
        foreach (var candidate in candidates)
        {
            var folded = Fold(candidate);
            if (Math.Abs(folded.Length - wanted.Length) > limit)
                continue;
            var slips = Slips(wanted, folded);
            if (slips >= Math.Max(wanted.Length, folded.Length))
                continue; // nothing in common: "a" is not a misspelt "b"
            if (slips < bestSlips || (slips == bestSlips && string.CompareOrdinal(candidate, best) < 0))
                (best, bestSlips) = (candidate, slips);
        }
        return bestSlips <= limit ? best : null;
    }

    /// <summary><c>" Did you mean 'x'?"</c>, with the leading space, or the empty string: to be appended to a message.</summary>
    /// <inheritdoc cref="Suggest" path="/param"/>
    public static string Hint(string word, IEnumerable<string> candidates) =>
        Suggest(word, candidates) is { } meant ? $" Did you mean '{meant}'?" : "";

    private static string Fold(string word) =>
        word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Optimal string alignment distance: Levenshtein's, with swapped neighbours as one slip.</summary>
    private static int Slips(string a, string b)
    {
        var (beforeLast, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var wrong = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + wrong);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            (beforeLast, last, row) = (last, row, beforeLast);
        }
        return last[b.Length];
    }
}
