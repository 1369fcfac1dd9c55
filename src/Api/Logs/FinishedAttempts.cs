using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Api.Logs;

/// <summary>
/// Up to which attempt each task instance is done with. Elements of a mapped task that stand side by side and are alike take one entry, so
/// that of a hundred thousand elements little remains. Not thread-safe.
/// </summary>
internal sealed class FinishedAttempts
{
    private const int MostStretches = 100_000;
    private readonly SortedDictionary<TaskId, List<Stretch>> _stretches = [];

    /// <summary>The last attempt of an instance that is done with; 0 for none.</summary>
    public int EpochOf(TaskKey task)
    {
        if (!_stretches.TryGetValue(task.Task, out var stretches)) return 0;
        var at = Find(stretches, task.MapIndex);
        return at < stretches.Count && stretches[at].From <= task.MapIndex ? stretches[at].Epoch : 0;
    }

    /// <summary>An instance is done with up to an attempt.</summary>
    public void Add(TaskKey task, int epoch)
    {
        if (!_stretches.TryGetValue(task.Task, out var stretches)) _stretches[task.Task] = stretches = [];
        var (index, at) = (task.MapIndex, Find(stretches, task.MapIndex));
        if (at < stretches.Count && stretches[at].From <= index)
        {
            if (stretches[at].Epoch >= epoch) return;
            var around = stretches[at];
            stretches.RemoveAt(at);
            if (index < around.To) stretches.Insert(at, around with { From = index + 1 });
            if (around.From < index) stretches.Insert(at++, around with { To = index - 1 });
        }

        var added = new Stretch(index, index, epoch);
        if (at < stretches.Count && stretches[at].From == index + 1 && stretches[at].Epoch == epoch)
        {
            added = added with { To = stretches[at].To };
            stretches.RemoveAt(at);
        }

        if (at > 0 && stretches[at - 1].To == index - 1 && stretches[at - 1].Epoch == epoch) stretches[at - 1] = stretches[at - 1] with { To = added.To };
        else stretches.Insert(at, added);
    }

    /// <summary>Writes all of it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_stretches.Count);
        foreach (var (task, stretches) in _stretches)
        {
            writer.Write(task.Value);
            writer.Write7BitEncodedInt(stretches.Count);
            var next = TaskKey.NotMapped;
            foreach (var stretch in stretches)
            {
                writer.Write7BitEncodedInt(stretch.From - next);
                writer.Write7BitEncodedInt(stretch.To - stretch.From);
                writer.Write7BitEncodedInt(stretch.Epoch);
                next = stretch.To + 1;
            }
        }
    }

    /// <summary>For people: <c>map: 0-41 44</c>.</summary>
    public override string ToString() => string.Join("; ", _stretches.Select(task =>
        $"{task.Key}: {string.Join(' ', task.Value.Select(stretch => stretch.From == stretch.To ? $"{stretch.From}" : $"{stretch.From}-{stretch.To}"))}"));

    /// <summary>Reads what was written.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="readId">Reads the id of a task.</param>
    /// <exception cref="FormatException">It is nothing that was.</exception>
    public static FinishedAttempts Read(BinaryReader reader, Func<BinaryReader, string> readId)
    {
        var (read, count) = (new FinishedAttempts(), 0);
        for (var tasks = reader.Read7BitEncodedInt(); tasks > 0; tasks--)
        {
            var stretches = new List<Stretch>();
            if (!read._stretches.TryAdd(new TaskId(readId(reader)), stretches)) throw new FormatException("the same task twice");
            var next = (long)TaskKey.NotMapped;
            for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            {
                var (gap, length, epoch) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
                if (gap < 0 || length < 0 || epoch < 1 || next + gap + length >= int.MaxValue || ++count > MostStretches)
                    throw new FormatException("no stretch of elements");
                stretches.Add(new Stretch((int)next + gap, (int)next + gap + length, epoch));
                next = stretches[^1].To + 1;
            }
        }

        return read;
    }

    // The first stretch that does not end before an element.
    private static int Find(List<Stretch> stretches, int index)
    {
        var (low, high) = (0, stretches.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (stretches[middle].To < index) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private readonly record struct Stretch(int From, int To, int Epoch);
}
