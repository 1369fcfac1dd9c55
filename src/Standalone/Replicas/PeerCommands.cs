using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansFlow.Domain.Identifiers;
using OrleansFlow.Scheduling.Peers;

namespace OrleansFlow.Standalone.Replicas;

/// <summary>
/// The commands that one host passes on to another: their names on the wire and what they mean. What a host does not know of a message it
/// leaves out, so that two releases understand each other. Pure.
/// </summary>
internal static class PeerCommands
{
    public const string Apply = "dag/apply";
    public const string SetPaused = "dag/set_paused";
    public const string Trigger = "dag/trigger";
    public const string Cancel = "run/cancel";
    public const string Clear = "run/clear";
    public const string SetSlots = "pool/set_slots";

    /// <summary>How messages are written.</summary>
    public static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly Dictionary<string, Func<IPeers, string, Stream, CancellationToken, Task<byte[]>>> s_all = new(StringComparer.Ordinal)
    {
        [Apply] = On<ApplyDag, DagApplied>((peers, key, message, cancellation) => peers.Dag(new DagId(key)).ApplyAsync(message, cancellation)),
        [SetPaused] = On<SetPaused, PauseSet>((peers, key, message, cancellation) => peers.Dag(new DagId(key)).SetPausedAsync(message, cancellation)),
        [Trigger] = On<TriggerRun, RunTriggered>((peers, key, message, cancellation) => peers.Dag(new DagId(key)).TriggerAsync(message, cancellation)),
        [Cancel] = On<CancelRun, CommandReply>((peers, key, message, cancellation) => peers.Run(new RunId(key)).CancelAsync(message, cancellation)),
        [Clear] = On<ClearTasks, CommandReply>((peers, key, message, cancellation) => peers.Run(new RunId(key)).ClearAsync(message, cancellation)),
        [SetSlots] = On<SetSlots, CommandReply>((peers, key, message, cancellation) => peers.Pool(key).SetSlotsAsync(message, cancellation)),
    };

    private static readonly Dictionary<Type, string> s_names = new()
    {
        [typeof(ApplyDag)] = Apply,
        [typeof(SetPaused)] = SetPaused,
        [typeof(TriggerRun)] = Trigger,
        [typeof(CancelRun)] = Cancel,
        [typeof(ClearTasks)] = Clear,
        [typeof(SetSlots)] = SetSlots,
    };

    /// <summary>The name of a command.</summary>
    public static string NameOf(UserCommand command) => s_names[command.GetType()];

    /// <summary>Whether there is such a command.</summary>
    public static bool Has(string name) => s_all.ContainsKey(name);

    /// <summary>Does a command that came from another host, and returns the answer as it goes back.</summary>
    /// <exception cref="JsonException">The message cannot be read.</exception>
    public static Task<byte[]> DoAsync(IPeers peers, string name, string key, Stream message, CancellationToken cancellation) =>
        s_all[name](peers, key, message, cancellation);

    private static Func<IPeers, string, Stream, CancellationToken, Task<byte[]>> On<TMessage, TReply>(
        Func<IPeers, string, TMessage, CancellationToken, Task<TReply>> command) => async (peers, key, body, cancellation) =>
    {
        var message = await JsonSerializer.DeserializeAsync<TMessage>(body, Json, cancellation) ?? throw new JsonException("the message is null");
        return JsonSerializer.SerializeToUtf8Bytes(await command(peers, key, message, cancellation), Json);
    };
}
