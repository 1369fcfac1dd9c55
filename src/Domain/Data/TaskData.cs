using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Domain.Data;

/// <summary>A JSON value that a committed attempt left for others: one row of <c>xcom</c>. It holds the value, or points to a large one.</summary>
/// <param name="Task">Whose value.</param>
/// <param name="Key">Its name.</param>
/// <param name="Epoch">The attempt that wrote it.</param>
/// <param name="Value">The value as JSON; null when it is stored elsewhere.</param>
/// <param name="Stored">Where a value lies that is too large for the row; null when it is in it.</param>
public sealed record Xcom(TaskKey Task, string Key, int Epoch, string? Value, StoredValue? Stored = null);

/// <summary>A value in the artifact store: no artifact that users see.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of the content, in lower-case hex.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record StoredValue(long Size, string Sha256, string Uri);

/// <summary>A file that a committed attempt published: one row of <c>artifact</c>, the only pointer to it.</summary>
/// <param name="Task">Whose file.</param>
/// <param name="Name">Its path below <c>$FLOW_OUTPUTS</c>, with forward slashes.</param>
/// <param name="Epoch">The attempt that wrote it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Of the content, in lower-case hex.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record Artifact(TaskKey Task, string Name, int Epoch, long Size, string Sha256, string Uri);

/// <summary>The last saved checkpoint of a task instance: one row of <c>checkpoint</c>.</summary>
/// <param name="Task">Whose checkpoint.</param>
/// <param name="Epoch">The attempt that saved it.</param>
/// <param name="Number">The growing number from its <c>READY</c> file.</param>
/// <param name="Uri">Where it lies.</param>
public sealed record Checkpoint(TaskKey Task, int Epoch, long Number, string Uri);
