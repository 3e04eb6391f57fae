using System.Collections.Concurrent;

namespace Gateway.Nfs.Rpc;

/// <summary>Contexts for reuse; what is beyond the bound is left to the collector. Threading: any.</summary>
internal sealed class RpcContextPool
{
    private const int RetainedMax = 2048;

    private readonly ConcurrentQueue<RpcContext> _free = new();
    private int _retained;

    public RpcContext Rent()
    {
        if (!_free.TryDequeue(out var context)) return new RpcContext();

        Interlocked.Decrement(ref _retained);
        return context;
    }

    public void Return(RpcContext context)
    {
        context.Reset();
        if (Interlocked.Increment(ref _retained) > RetainedMax)
            Interlocked.Decrement(ref _retained);
        else
            _free.Enqueue(context);
    }
}
