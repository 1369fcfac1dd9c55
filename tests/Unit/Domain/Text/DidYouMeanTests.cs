using OrleansFlow.Domain.Text;

namespace OrleansFlow.Tests.Unit.Domain.Text;

public class DidYouMeanTests
{
    private static readonly string[] Fields = ["command", "retries", "retry_delay", "timeout", "needs", "env"];

    [Theory]
    [InlineData("comand", "command")] // missing
    [InlineData("commmand", "command")] // too many
    [InlineData("timeput", "timeout")] // wrong
    [InlineData("nedes", "needs")] // swapped
    [InlineData("retryDelay", "retry_delay")]
    [InlineData("retry-delay", "retry_delay")]
    [InlineData("ENV", "env")]
    public void NearWord_IsSuggested(string written, string meant) =>
        DidYouMean.Suggest(written, Fields).ShouldBe(meant);

    [Theory]
    [InlineData("image")]
    [InlineData("x")]
    [InlineData("")]
    public void FarWord_IsNotSuggested(string written) => DidYouMean.Suggest(written, Fields).ShouldBeNull();

    [Fact]
    public void SingleLetter_IsNoMisspeltOtherLetter() => DidYouMean.Suggest("a", ["b"]).ShouldBeNull();

    [Fact]
    public void EquallyNear_TakesTheFirstByOrdinal_WhateverTheOrder()
    {
        DidYouMean.Suggest("task_c", ["task_b", "task_a"]).ShouldBe("task_a");
        DidYouMean.Suggest("task_c", ["task_a", "task_b"]).ShouldBe("task_a");
    }

    [Fact]
    public void Hint_IsAppendable()
    {
        DidYouMean.Hint("comand", Fields).ShouldBe(" Did you mean 'command'?");
        DidYouMean.Hint("zzz", Fields).ShouldBe("");
    }
}
