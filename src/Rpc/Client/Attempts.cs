namespace OrleansFlow.Rpc.Client;

/// <summary>The attempts of one call: where each goes, and whether there is another one.</summary>
internal sealed class Attempts(CallScope scope, Peer[] peers, AddressBook book, RpcChannelOptions options)
{
    private int _made;
    private int _index;

    /// <summary>The address of the next attempt, after its rest; the first attempt does not wait.</summary>
    public async ValueTask<Peer> NextAsync()
    {
        var (index, rest) = book.Pick(options.Time.GetUtcNow());
        _index = index;
        if (_made++ > 0 && rest > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(rest, options.Time, scope.Token);
            }
            catch (OperationCanceledException error)
            {
                throw Ended(scope.Explain(error, peers[index].Address));
            }
        }

        return peers[index];
    }

    public void Worked() => book.Worked(_index);

    /// <summary>Returns where another attempt is due; throws what ends the call.</summary>
    public void FailedOrThrow(Exception error, RpcContent content)
    {
        var explained = scope.Explain(error, peers[_index].Address, content);
        if (explained is not RpcException { Code: RpcCode.Unavailable } failure) throw Ended(explained);
        book.Failed(_index, options.Time.GetUtcNow());
        if (!MayRepeat(failure, content)) throw Ended(failure);
    }

    private bool MayRepeat(RpcException failure, RpcContent content)
    {
        if (content.IsConsumed || scope.Token.IsCancellationRequested) return false;
        if (failure.WasNotSent && scope.Options.WaitForReady) return true;
        return _made < options.MaxAttempts && (failure.WasNotSent || scope.IsIdempotent);
    }

    private Exception Ended(Exception error)
    {
        scope.Finish(error);
        return error;
    }
}
