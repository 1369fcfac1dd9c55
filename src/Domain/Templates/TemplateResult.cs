using System.Diagnostics.CodeAnalysis;

namespace OrleansFlow.Domain.Templates;

/// <summary>Why a template that was fine when it was checked has no value now.</summary>
public enum TemplateFailureKind
{
    /// <summary>The upstream task has not left the xcom that is asked for.</summary>
    MissingXcom = 1,

    /// <summary>A parameter is not set, or a value has no such field or element.</summary>
    MissingValue = 2,

    /// <summary>A value has the wrong type: a filter or comparison cannot take it, or a condition is no truth value.</summary>
    WrongType = 3,

    /// <summary>The text is no template, or names something that does not exist here: it was never checked.</summary>
    Invalid = 4,
}

/// <summary>A template or condition that could not be evaluated.</summary>
/// <param name="Kind">The sort of failure, for code.</param>
/// <param name="Message">A sentence for the user, with the place in the text.</param>
public sealed record TemplateFailure(TemplateFailureKind Kind, string Message)
{
    internal TemplateFailure(TemplateFailureKind kind, Position at, string message)
        : this(kind, $"{message} ({at})")
    {
    }
}

/// <summary>A value, or the reason why there is none.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly record struct TemplateResult<T>
{
    private readonly T? _value;

    internal TemplateResult(T value) => _value = value;

    internal TemplateResult(TemplateFailure failure) => Failure = failure;

    /// <summary>Why there is no value; null when there is one.</summary>
    public TemplateFailure? Failure { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message says why.</exception>
    public T Value => Succeeded ? _value! : throw new InvalidOperationException(Failure.Message);
}
