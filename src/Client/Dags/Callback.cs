using OrleansFlow.Domain.Dags;

namespace OrleansFlow.Client.Dags;

/// <summary>Makes those who are told of something.</summary>
public static class Callback
{
    /// <summary>A JSON document is posted there; the address is a template.</summary>
    public static CallbackSpec Webhook(string url) => new() { Webhook = url };

    /// <summary>A program gets the same document on standard input; its words are templates.</summary>
    public static CallbackSpec Command(params IEnumerable<string> words) => new() { Command = [.. words] };
}
