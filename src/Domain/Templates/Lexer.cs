using System.Text;
using System.Text.Json;

namespace OrleansFlow.Domain.Templates;

internal enum TokenKind
{
    /// <summary>The end of the text.</summary>
    End = 1,

    /// <summary><c>}}</c>.</summary>
    Close,
    Name,
    String,
    Number,
    Symbol,

    /// <summary>What cannot be read; the token's text is the message.</summary>
    Bad,
}

internal readonly record struct Token(TokenKind Kind, string Text, Position At)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public bool IsWord(string word) => Kind == TokenKind.Name && Text == word;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the text",
        TokenKind.Close => "'}}'",
        _ => $"'{Text}'",
    };
}

/// <summary>Cuts a text into tokens, one at a time, and knows where it stands.</summary>
internal sealed class Lexer(string text, int start)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "(", ")", "[", "]", ",", ":", "|", ".", "=", "!", "+", "*", "/", "%"];

    private int _counted;
    private int _line = 1;
    private int _lineStart;

    /// <summary>Index of the next character.</summary>
    public int Offset { get; private set; } = start;

    private char Current => Peek(0);

    public Position Here => PositionOf(Offset);

    public Token Next()
    {
        while (char.IsWhiteSpace(Current))
            Offset++;
        var at = Here;
        if (Offset >= text.Length)
            return new Token(TokenKind.End, "", at);
        if (At("}}"))
            return Take(TokenKind.Close, 2, at);
        if (char.IsAsciiLetter(Current) || Current == '_')
            return new Token(TokenKind.Name, Word(), at);
        if (char.IsAsciiDigit(Current) || (Current == '-' && char.IsAsciiDigit(Peek(1))))
            return Number(at);
        if (Current is '\'' or '"')
            return Quoted(at);
        return Array.Find(Symbols, At) is { } symbol
            ? Take(TokenKind.Symbol, symbol.Length, at)
            : Bad(at, $"'{Current}' has no meaning here");
    }

    /// <summary>Reads <c>.part</c> right after a name, where a part may start with a digit or hold a dash; else null.</summary>
    public string? DottedPart()
    {
        if (Current != '.' || !IsWordCharacter(Peek(1)))
            return null;
        Offset++;
        return Word();
    }

    /// <summary>Whether a <c>[</c> follows without a blank.</summary>
    public bool AtBracket => Current == '[';

    private string Word()
    {
        var from = Offset;
        while (IsWordCharacter(Current))
            Offset++;
        return text[from..Offset];
    }

    private Token Number(Position at)
    {
        var from = Offset++;
        while (char.IsAsciiLetterOrDigit(Current) || Current == '.' || (Current is '+' or '-' && text[Offset - 1] is 'e' or 'E'))
            Offset++;
        var number = text[from..Offset];
        try
        {
            using var _ = JsonDocument.Parse(number);
            return new Token(TokenKind.Number, number, at);
        }
        catch (JsonException)
        {
            return Bad(at, $"'{number}' is not a number; text stands in quotes");
        }
    }

    private Token Quoted(Position at)
    {
        var quote = text[Offset++];
        var content = new StringBuilder();
        for (; Offset < text.Length && Current != quote; Offset++)
        {
            if (Current != '\\')
            {
                content.Append(Current);
                continue;
            }
            Offset++;
            if (Current is not ('\\' or '\'' or '"' or 'n' or 't' or 'r'))
                return Bad(PositionOf(Offset - 1), $"'\\{Current}' is not an escape; known are \\\\ \\' \\\" \\n \\t \\r");
            content.Append(Current switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
        }
        if (Offset >= text.Length)
            return Bad(at, $"the text that begins with {quote} has no end");
        Offset++;
        return new Token(TokenKind.String, content.ToString(), at);
    }

    private Token Take(TokenKind kind, int length, Position at)
    {
        Offset += length;
        return new Token(kind, text.Substring(Offset - length, length), at);
    }

    private static Token Bad(Position at, string message) => new(TokenKind.Bad, message, at);

    private bool At(string symbol) => string.CompareOrdinal(text, Offset, symbol, 0, symbol.Length) == 0;

    private char Peek(int ahead) => Offset + ahead < text.Length ? text[Offset + ahead] : '\0';

    private static bool IsWordCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private Position PositionOf(int offset)
    {
        for (; _counted < offset; _counted++)
        {
            if (text[_counted] != '\n')
                continue;
            _line++;
            _lineStart = _counted + 1;
        }
        return new Position(_line, offset - _lineStart + 1);
    }
}
