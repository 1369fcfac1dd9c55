using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace OrleansFlow.Standalone.Attempts;

/// <summary>
/// The memory of Kestrel's answers, in blocks of a useful size. The pool that connections made outside its own transport come with gives no
/// more than is asked for, and then Kestrel runs out of room in the middle of an answer.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int Block = 4096;

    public MemoryPool<byte> MemoryPool => this;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, Block));

    protected override void Dispose(bool disposing)
    {
        // the shared pool stays
    }
}
