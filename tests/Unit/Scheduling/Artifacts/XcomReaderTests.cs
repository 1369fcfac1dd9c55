using System.Security.Cryptography;
using System.Text;
using OrleansFlow.Domain.Dags;
using OrleansFlow.Domain.Data;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Domain.Runs;
using OrleansFlow.Domain.Tasks;
using OrleansFlow.Domain.Templates;
using OrleansFlow.Scheduling.Artifacts;
using OrleansFlow.Scheduling.Storage;
using OrleansFlow.Storage.InMemory;

namespace OrleansFlow.Tests.Unit.Scheduling.Artifacts;

public class XcomReaderTests : IArtifactReader
{
    private static readonly DateTimeOffset Now = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TaskKey Make = new(new RunId("manual-1"), new TaskId("make"));
    private readonly Dictionary<string, string> _stored = [];
    private readonly List<string> _opened = [];

    [Fact]
    public async Task OnlyWhatIsReferredTo_IsRead()
    {
        var values = await ReadAsync(
            [new Xcom(Make, "small", 1, "1"), Large("big", "[1,2]"), Large("other", "3"), new Xcom(Make, "more", 1, "4")], "small", "big", "absent");

        values.Problems.ShouldBeEmpty();
        values.Values.OrderBy(value => value.Key.Key).Select(value => $"{value.Key} = {value.Value}").ShouldBe(["xcom.make.big = [1,2]", "xcom.make.small = 1"]);
        _opened.ShouldBe(["mem:big"]);
    }

    [Fact]
    public async Task AValueThatWasChanged_OrIsGone_IsAProblem_AndTheOthersAreRead()
    {
        Xcom[] rows = [Large("changed", "\"a\""), Large("cut", "\"a\""), Large("fine", "\"a\""), Large("gone", "\"a\"")];
        _stored["mem:changed"] = "\"b\"";
        _stored["mem:cut"] = "\"a";
        _stored.Remove("mem:gone");

        var values = await ReadAsync(rows, "changed", "cut", "fine", "gone");

        values.Rows.ShouldHaveSingleItem().ShouldBe(new Xcom(Make, "fine", 1, "\"a\""));
        values.Problems.Keys.Select(xcom => xcom.Key).Order(StringComparer.Ordinal).ShouldBe(["changed", "cut", "gone"]);
        values.Problems[Of("changed")].Text.ShouldBe(
            "xcom.make.changed cannot be read from mem:changed: it is not what was committed: somebody has changed it. Clear task make to make it anew");
        values.Problems[Of("gone")].Text.ShouldContain("nothing lies there");
    }

    [Fact]
    public async Task TooMuchAtOnce_IsAProblem_AndIsNotFetched()
    {
        Xcom[] rows = [.. Enumerable.Range(0, 5).Select(i => new Xcom(Make, $"k{i}", 1, null, new StoredValue(16 << 20, "ab", $"mem:k{i}")))];
        var values = await ReadAsync(rows, "k0", "k1", "k2", "k3", "k4");
        values.Problems[Of("k4")].Text.ShouldContain("with xcom.make.k4 the large xcoms that are referred to are more than 67,108,864 bytes");
        _opened.ShouldNotContain("mem:k4");
    }

    public Task<Stream> OpenAsync(string uri, CancellationToken cancellation)
    {
        _opened.Add(uri);
        return _stored.TryGetValue(uri, out var text)
            ? Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text)))
            : Task.FromException<Stream>(new ArtifactException("nothing lies there."));
    }

    private static XcomReference Of(string key) => new(Make.Task, key);

    private Xcom Large(string key, string value)
    {
        _stored[$"mem:{key}"] = value;
        return new Xcom(Make, key, 1, null, new StoredValue(value.Length, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value))), $"mem:{key}"));
    }

    private async Task<OrleansFlow.Domain.Launching.XcomValues> ReadAsync(Xcom[] rows, params string[] keys)
    {
        var store = new InMemoryStore();
        var dag = new DagId("d");
        var run = new DagRun
        {
            Id = Make.Run, Dag = dag, VersionHash = "aa", Kind = RunKind.Manual, LogicalDate = Now, DataIntervalStart = Now, DataIntervalEnd = Now,
            Params = "{}", CreatedAt = Now,
        };
        var attempt = new Attempt { Key = new AttemptKey(Make, 1), Uid = Guid.Empty, CreatedAt = Now, State = AttemptState.Succeeded, EndedAt = Now };
        var outcomes = await store.ExecuteAsync(
            [
                new Step
                {
                    Anchor = RowKey.Of(Make),
                    Writes =
                    [
                        new PutDag(new DagHead { Id = dag, CurrentHash = "aa" }, 0), new AddVersion(new DagVersion { Hash = "aa", Dag = dag, Spec = "{}", CreatedAt = Now }),
                        new PutRun(run, 0), new PutTask(new TaskInstance { Key = Make, Epoch = 1 }, 0), new PutAttempt(attempt), .. rows.Select(row => new PutXcom(row)),
                    ],
                },
            ],
            CancellationToken.None);
        outcomes.ShouldBe([StepOutcome.Committed]);
        return await new XcomReader(store, this).ReadAsync(Make.Run, [.. keys.Select(Of)], CancellationToken.None);
    }
}
