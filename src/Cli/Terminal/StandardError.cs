using System.Text;

namespace OrleansFlow.Cli.Terminal;

/// <summary>Standard error that keeps silent when its terminal has been closed: what has to be done then does not depend on being heard.</summary>
internal sealed class StandardError(TextWriter inner) : TextWriter
{
    /// <summary>Opens it. A file or a pipe gets UTF-8, as from standard output; the console's own writer takes time to find out the encoding of a terminal.</summary>
    public static TextWriter Open() => new StandardError(
        !Console.IsErrorRedirected || OperatingSystem.IsWindows()
            ? Console.Error
            : Synchronized(new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true }));

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

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
