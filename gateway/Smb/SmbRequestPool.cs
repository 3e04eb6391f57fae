using System.Collections.Concurrent;

namespace Gateway.Smb;

/// <summary>Requests for reuse.</summary>
internal sealed class SmbRequestPool
{
    private const int KeptMax = 1024;

    private readonly ConcurrentQueue<SmbRequest> _free = new();

    public SmbRequest Rent() => _free.TryDequeue(out var request) ? request : new SmbRequest();

    public void Return(SmbRequest request)
    {
        request.Recycle();
        if (_free.Count < KeptMax) _free.Enqueue(request);
    }
}
