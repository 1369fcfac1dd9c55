using System.Runtime.InteropServices;

namespace OrleansFlow.Execution.LocalProcess.Processes;

/// <summary>
/// Reads files of <c>/proc</c>, one after the other. By bare system calls: a look at all processes reads two files of each, at the end of every
/// attempt, and most processes of a machine are not ours to read, which .NET tells by exceptions. Not thread-safe.
/// </summary>
internal sealed unsafe class ProcFile
{
    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>The whole file, until the next call; empty when it cannot be read, such as of a process that has gone or is another user's.</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        var file = Libc.open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (file < 0) return [];
        try
        {
            var length = 0;
            while (true)
            {
                if (length == _buffer.Length) Array.Resize(ref _buffer, length * 2);
                nint count;
                fixed (byte* free = &_buffer[length]) count = Libc.read(file, free, (nuint)(_buffer.Length - length));
                if (count > 0) length += (int)count;
                else if (count == 0) return _buffer.AsSpan(0, length);
                else if (Marshal.GetLastPInvokeError() != Libc.Interrupted) return [];
            }
        }
        finally
        {
            _ = Libc.close(file);
        }
    }
}
