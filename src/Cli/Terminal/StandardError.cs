using System.Text;

namespace OrleansFlow.Cli.Terminal;

/// <summary>
/// Standard error that keeps silent when its terminal has been closed: what has to be done then does not depend on being heard. It is opened with
/// the first word.
/// </summary>
/// <param name="open">Opens it.</param>
internal sealed class StandardError(Func<TextWriter> open) : TextWriter
{
    private readonly Lazy<TextWriter> _inner = new(open);

    /// <summary>That of the process. A file or a pipe gets UTF-8, as from standard output; the console's own writer takes time to find out the encoding of a terminal.</summary>
    public static TextWriter Open() => new StandardError(() =>
        !Console.IsErrorRedirected || OperatingSystem.IsWindows()
            ? Console.Error
            : Synchronized(new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true }));

    public override Encoding Encoding => _inner.Value.Encoding;

    public override void Write(char value) => Try(() => _inner.Value.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => _inner.Value.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => _inner.Value.Write(value));

    public override void WriteLine(string? value) => Try(() => _inner.Value.WriteLine(value));

    public override void Flush()
    {
        if (_inner.IsValueCreated) Try(() => _inner.Value.Flush());
    }

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // nobody is there
        }
    }
}
