using System.Security.Cryptography;
using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;

namespace Gateway.Nfs.Locks;

/// <summary>
/// What calls of NLM were answered, so that a late copy of one changes nothing: a LOCK that comes after its UNLOCK would be held
/// by nobody and for ever, an UNLOCK that comes after the next LOCK would let others in.
/// </summary>
/// <remarks>Two copies that run at once both do: the answer to either is true of both. Threading: any.</remarks>
internal sealed class LockAnswers(TimeProvider time)
{
    private readonly RecentAnswers<Nlm4Status> _answers = new();
    private readonly SipHash _hash = new(RandomNumberGenerator.GetBytes(SipHash.KeyBytes));
    private readonly Lock _gate = new();

    /// <summary>Performs the call, or gives the answer that it got before.</summary>
    public async ValueTask<Nlm4Status> OnceAsync(RpcContext call, Func<ValueTask<Nlm4Status>> perform)
    {
        var request = HashOf(call);
        if (Find(request) is { } answer) return answer;

        var status = await perform();

        // Those come again, and mean it.
        if (status == Nlm4Status.DeniedGracePeriod || call.IsDisconnecting) return status;

        lock (_gate) _answers.Add(request, Now(), status);
        return status;
    }

    private Nlm4Status? Find(UInt128 request)
    {
        lock (_gate) return _answers.Find(request, Now());
    }

    private long Now() => (long)time.GetElapsedTime(0).TotalNanoseconds;

    private UInt128 HashOf(RpcContext call)
    {
        Span<byte> bytes = stackalloc byte[RequestKey.Bytes];
        new RequestKey(call).Write(bytes);
        return _hash.Hash(bytes);
    }
}
