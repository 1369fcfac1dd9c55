using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Launching;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.TaskRuntime.Storage;

namespace OrleansFlow.Tests.Conformance.Artifacts;

/// <summary>What every store of artifacts does: written by attempts, read and swept by the engine.</summary>
public abstract class ArtifactStoreConformance : IDisposable
{
    private static readonly DagId Dag = new("credit");
    private static readonly TaskKey Train = new(new RunId("manual-1"), new TaskId("train"));
    private static readonly TaskKey Mapped = new(new RunId("manual-1"), new TaskId("train"), 3);

    protected ArtifactStoreConformance() => Directory.CreateDirectory(Source);

    /// <summary>A temporary folder of the test.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("flow-artifacts-").FullName;

    protected abstract IAttemptStorage Storage { get; }

    protected abstract IArtifactStore Store { get; }

    protected abstract ILogStore Logs { get; }

    /// <summary>Lets time pass for the store: what it holds gets that much older.</summary>
    protected abstract void Age(TimeSpan by);

    private string Source => Path.Combine(Folder, "source");

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task StagedFiles_CanBeRead_AndCarryTheirSha256()
    {
        var staged = await StageAsync(new AttemptKey(Train, 1), ("d/model #1.bin", "model"), ("empty", ""));
        staged.Select(file => (file.Name, file.Size)).ShouldBe([("d/model #1.bin", 5L), ("empty", 0L)], ignoreOrder: true);
        foreach (var file in staged)
        {
            var text = await ReadAsync(file.Uri);
            file.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        }
    }

    [Fact]
    public async Task Staging_AgainOrByAnotherAttempt_ReplacesOnlyItsOwn()
    {
        await StageAsync(new AttemptKey(Train, 1), ("a", "first"), ("b", "first"));
        var other = await StageAsync(new AttemptKey(Train, 2), ("a", "other"));
        var mapped = await StageAsync(new AttemptKey(Mapped, 1), ("a", "mapped"));
        var again = await StageAsync(new AttemptKey(Train, 1), ("a", "second"));
        (await ReadAsync(again.Single().Uri)).ShouldBe("second");
        (await ReadAsync(other.Single().Uri)).ShouldBe("other");
        (await ReadAsync(mapped.Single().Uri)).ShouldBe("mapped");
        await Should.ThrowAsync<ArtifactException>(() => ReadAsync(again.Single().Uri[..^1] + "b"));
    }

    [Fact]
    public async Task Staging_ThatFails_LeavesNothing()
    {
        var files = new List<LocalFile> { Write("fine", "fine"), new("gone", Path.Combine(Source, "gone")) };
        var failure = await Should.ThrowAsync<AttemptStorageException>(
            () => Storage.StageAsync(Dag, new AttemptKey(Train, 1), files, CancellationToken.None));
        failure.Message.ShouldContain("gone");
        (await Store.MeasureAsync(CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task StagedFile_DoesNotChange_WhenItsSourceDoes()
    {
        var file = Write("a", "before");
        var staged = (await Storage.StageAsync(Dag, new AttemptKey(Train, 1), [file], CancellationToken.None)).Single();
        await File.WriteAllTextAsync(file.Path, "after!");
        (await ReadAsync(staged.Uri)).ShouldBe("before");
    }

    [Fact]
    public async Task Fetch_Copies_AndRefusesWhatWasChanged()
    {
        var staged = (await StageAsync(new AttemptKey(Train, 1), ("a", "data"))).Single();
        var artifact = new Artifact(Train, "a", 1, staged.Size, staged.Sha256, staged.Uri);
        var copy = Path.Combine(Folder, "copy");
        await Storage.FetchAsync(artifact, copy, CancellationToken.None);
        (await File.ReadAllTextAsync(copy)).ShouldBe("data");

        var wrong = await Should.ThrowAsync<AttemptStorageException>(
            () => Storage.FetchAsync(artifact with { Size = 5 }, Path.Combine(Folder, "other"), CancellationToken.None));
        wrong.Message.ShouldContain("has 4 bytes, but 5 were committed");
    }

    [Fact]
    public async Task Checkpoints_KeepTheLastTwo_AndRestoreTheOneAskedFor_OrItsSuccessor()
    {
        var attempt = new AttemptKey(Train, 1);
        var uris = new List<string>();
        foreach (var number in new long[] { 1, 2, 10 })
            uris.Add(await Storage.SaveCheckpointAsync(Dag, attempt, number, [Write("d/state", $"state {number}")], CancellationToken.None));
        await Storage.SaveCheckpointAsync(Dag, new AttemptKey(Train, 2), 5, [Write("d/state", "of another attempt")], CancellationToken.None);

        (await RestoreAsync(10, uris[2])).ShouldBe("state 10");
        (await RestoreAsync(2, uris[1])).ShouldBe("state 2");
        (await RestoreAsync(1, uris[0])).ShouldBe("state 2", "1 went when 10 was saved");
        (await Should.ThrowAsync<AttemptStorageException>(() => RestoreAsync(11, "gone"))).Message.ShouldContain("the checkpoint 11");
    }

    [Fact]
    public async Task Checkpoint_WithoutFiles_IsOneToo()
    {
        var uri = await Storage.SaveCheckpointAsync(Dag, new AttemptKey(Train, 1), 1, [], CancellationToken.None);
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "restored")).FullName;
        await Storage.RestoreCheckpointAsync(Dag, new Checkpoint(Train, 1, 1, uri), folder, CancellationToken.None);
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sweep_RemovesOnly_WhatIsOldAndUnreferenced()
    {
        var kept = await StageAsync(new AttemptKey(Train, 1), ("a", "kept"));
        var lost = await StageAsync(new AttemptKey(Mapped, 1), ("a", "lost!"));
        var saved = await Storage.SaveCheckpointAsync(Dag, new AttemptKey(Train, 1), -7, [Write("s", "kept")], CancellationToken.None);
        Age(TimeSpan.FromHours(25));
        var young = await StageAsync(new AttemptKey(Train, 2), ("a", "young"));

        var asked = new List<StoredPrefix>();
        var report = await Store.SweepAsync(
            TimeSpan.FromHours(24),
            (prefixes, _) =>
            {
                asked.AddRange(prefixes);
                return Task.FromResult<IReadOnlySet<StoredPrefix>>(prefixes.Where(prefix => prefix.Attempt.Task == Train).ToHashSet());
            },
            CancellationToken.None);

        asked.ShouldBe(
            [
                new StoredPrefix(Dag, new AttemptKey(Train, 1), null), new StoredPrefix(Dag, new AttemptKey(Train, 1), -7),
                new StoredPrefix(Dag, new AttemptKey(Mapped, 1), null),
            ], ignoreOrder: true);
        report.Removed.ShouldBe(1);
        report.Bytes.ShouldBeGreaterThanOrEqualTo(5);
        await Should.ThrowAsync<ArtifactException>(() => ReadAsync(lost.Single().Uri));
        (await ReadAsync(kept.Single().Uri)).ShouldBe("kept");
        (await ReadAsync(young.Single().Uri)).ShouldBe("young");
        (await RestoreAsync(-7, saved, "s")).ShouldBe("kept");
    }

    [Fact]
    public async Task Sweep_OfAnEmptyStore_DoesNothing()
    {
        var report = await Store.SweepAsync(TimeSpan.Zero, (_, _) => throw new InvalidOperationException("asked for nothing"), CancellationToken.None);
        report.ShouldBe(new SweepReport(0, 0));
    }

    [Fact]
    public async Task Log_CanBeReadFromAnyOffset_WhileItIsWritten()
    {
        var attempt = new AttemptKey(Mapped, 2);
        (await Logs.ReadAsync(Dag, attempt, 0, 100, CancellationToken.None)).Bytes.Length.ShouldBe(0);
        await using var sink = Storage.OpenLog(Dag, attempt);
        await sink.AppendAsync("one\n"u8.ToArray(), CancellationToken.None);
        var piece = await Logs.ReadAsync(Dag, attempt, 0, 100, CancellationToken.None);
        Encoding.UTF8.GetString(piece.Bytes.Span).ShouldBe("one\n");
        await sink.AppendAsync("two\n"u8.ToArray(), CancellationToken.None);
        var rest = await Logs.ReadAsync(Dag, attempt, piece.Next, 3, CancellationToken.None);
        Encoding.UTF8.GetString(rest.Bytes.Span).ShouldBe("two");
        rest.Next.ShouldBe(7);
        (await Logs.ReadAsync(Dag, attempt, 1000, 3, CancellationToken.None)).ShouldBe(new LogPiece(default, 1000));
    }

    [Fact]
    public async Task Log_IsFollowed_ToItsEnd_AndGoesOnWhenItIsOpenedAgain()
    {
        var attempt = new AttemptKey(Train, 1);
        var ended = new TaskCompletionSource();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var follower = FollowAsync(attempt, ended.Task, late.Token);
        await using (var sink = Storage.OpenLog(Dag, attempt)) await sink.AppendAsync("one\n"u8.ToArray(), late.Token);
        await using (var sink = Storage.OpenLog(Dag, attempt)) await sink.AppendAsync("two\n"u8.ToArray(), late.Token);
        ended.SetResult();
        (await follower).ShouldBe("one\ntwo\n");
    }

    private async Task<string> FollowAsync(AttemptKey attempt, Task ended, CancellationToken cancellation)
    {
        using var all = new MemoryStream();
        await foreach (var piece in Logs.FollowAsync(Dag, attempt, 0, ended, cancellation))
        {
            piece.Bytes.IsEmpty.ShouldBeFalse();
            all.Write(piece.Bytes.Span);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    private Task<IReadOnlyList<StagedFile>> StageAsync(AttemptKey attempt, params (string Name, string Text)[] files) =>
        Storage.StageAsync(Dag, attempt, [.. files.Select(file => Write(file.Name, file.Text))], CancellationToken.None);

    private LocalFile Write(string name, string text)
    {
        var path = Path.Combine(Source, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, text);
        return new LocalFile(name, path);
    }

    private async Task<string> ReadAsync(string uri)
    {
        using var reader = new StreamReader(await Store.OpenAsync(uri, CancellationToken.None));
        return await reader.ReadToEndAsync();
    }

    private async Task<string> RestoreAsync(long number, string uri, string name = "d/state")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "restored", Guid.NewGuid().ToString("N"))).FullName;
        await Storage.RestoreCheckpointAsync(Dag, new Checkpoint(Train, 1, number, uri), folder, CancellationToken.None);
        return await File.ReadAllTextAsync(Path.Combine(folder, name));
    }
}
