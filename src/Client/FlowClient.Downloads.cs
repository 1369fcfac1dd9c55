using OrleansFlow.Client.Calls;
using OrleansFlow.Client.Downloads;
using OrleansFlow.Client.Errors;
using OrleansFlow.Contracts;
using OrleansFlow.Contracts.V1;
using OrleansFlow.Domain.Identifiers;

namespace OrleansFlow.Client;

/// <content>Files that tasks published.</content>
public sealed partial class FlowClient
{
    /// <summary>What task instances published, by task, element and path.</summary>
    /// <param name="run">The run.</param>
    /// <param name="task">Only of this task, with all its elements; null: of all.</param>
    /// <param name="cancellation">Gives up.</param>
    public IAsyncEnumerable<Artifact> ListArtifactsAsync(RunId run, TaskId? task = null, CancellationToken cancellation = default) =>
        _caller.PagesAsync(
            TaskMethods.ListArtifacts,
            token => new ListArtifactsRequest
            {
                Parent = ResourceNames.Of(run, task),
                PageSize = 1000,
                PageToken = token,
            },
            page => page.Artifacts,
            page => page.NextPageToken,
            cancellation);

    /// <summary>
    /// Writes a file that a task instance published to a file: whole or not at all, and only when its size and SHA-256 are those that were
    /// committed. A lost connection is taken up where it broke off.
    /// </summary>
    /// <param name="task">Whose.</param>
    /// <param name="path">Its path below <c>$FLOW_OUTPUTS</c>.</param>
    /// <param name="file">Where to; a file there is replaced, folders on the way are made.</param>
    /// <param name="cancellation">Gives up; nothing is left.</param>
    /// <exception cref="FlowNotFoundException">The task instance has not published it.</exception>
    /// <exception cref="FlowException">What came is not what was committed, or the file cannot be written.</exception>
    public async Task<Artifact> DownloadArtifactAsync(TaskKey task, string path, string file, CancellationToken cancellation = default)
    {
        Artifact? artifact = null;
        await VerifiedFile.WriteAsync(
            file,
            async content =>
            {
                artifact = await DownloadAsync(ResourceName.OfArtifact(ResourceNames.Of(task), path), content, cancellation);
                return (artifact.SizeBytes, artifact.Sha256);
            },
            cancellation);
        return artifact!;
    }

    /// <summary>
    /// Writes a file that a task instance published to a stream. What was written counts only when this returns: size and SHA-256 are compared at
    /// the end. A lost connection is taken up where it broke off.
    /// </summary>
    /// <param name="task">Whose.</param>
    /// <param name="path">Its path below <c>$FLOW_OUTPUTS</c>.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FlowNotFoundException">The task instance has not published it.</exception>
    /// <exception cref="FlowException">What came is not what was committed.</exception>
    public async Task<Artifact> DownloadArtifactAsync(TaskKey task, string path, Stream target, CancellationToken cancellation = default)
    {
        await using var content = new HashingStream(target, leaveOpen: true);
        var artifact = await DownloadAsync(ResourceName.OfArtifact(ResourceNames.Of(task), path), content, cancellation);
        VerifiedFile.Check(path, content, artifact.SizeBytes, artifact.Sha256);
        return artifact;
    }

    // an artifact, or an xcom that is too large to come in an answer
    private async Task<Artifact> DownloadAsync(string name, Stream target, CancellationToken cancellation)
    {
        Artifact? artifact = null;
        long received = 0;
        var request = () => new DownloadArtifactRequest { Name = name, Offset = received };
        await foreach (var part in _caller.FollowAsync(TaskMethods.Download, request, () => true, cancellation))
        {
            if (part.Artifact is { } said)
            {
                if (artifact is not null && artifact.Sha256 != said.Sha256)
                    throw new FlowException($"{name} was made anew while it was downloaded. Download it again.");
                artifact = said;
                continue;
            }

            await target.WriteAsync(part.Data.Memory, cancellation);
            received += part.Data.Length;
        }

        return artifact ?? throw new FlowException($"The server sent nothing of {name}. It is of another version; update it.");
    }
}
