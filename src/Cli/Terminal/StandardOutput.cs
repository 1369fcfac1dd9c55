using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrleansFlow.Cli.Terminal;

/// <summary>
/// Standard output that tells when its reader has gone (<c>| head</c>): the console's own stream keeps silent about it, and a
/// followed log would be written to nobody for ever.
/// </summary>
internal static class StandardOutput
{
    /// <summary>Opens it; writes are gathered until they are flushed, except on a terminal.</summary>
    public static TextWriter Open()
    {
        if (!Console.IsOutputRedirected || OperatingSystem.IsWindows()) return Console.Out;
        var file = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 1);
        // a regular file has no reader that could go, and its position is shared with others who write to it
        var stream = file.CanSeek ? Console.OpenStandardOutput() : new Pipe(file);
        return new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 * 1024) { NewLine = "\n" };
    }

    private sealed class Pipe(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
            try
            {
                inner.Flush();
            }
            catch (IOException broken)
            {
                throw new ReaderGoneException(broken);
            }
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            try
            {
                inner.Write(buffer, offset, count);
            }
            catch (IOException broken)
            {
                throw new ReaderGoneException(broken);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>Nobody reads standard output any more. The command ends without a word.</summary>
internal sealed class ReaderGoneException(Exception inner) : IOException("nobody reads standard output any more", inner);
