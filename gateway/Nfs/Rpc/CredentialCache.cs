using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Rpc;

/// <summary>The last few AUTH_SYS credentials of one connection, so that equal ones are parsed once.</summary>
/// <remarks>
/// A client sends the same few over and over. The stamp in the first four bytes says nothing and is not compared.
/// Threading: the connection's reader.
/// </remarks>
internal sealed class CredentialCache
{
    private const int Slots = 8;
    private const int StampBytes = 4;

    private (byte[] Body, RpcCredentials Parsed)[]? _known;
    private int _next;

    public bool TryGet(ReadOnlySpan<byte> body, out RpcCredentials credentials)
    {
        credentials = RpcCredentials.None;
        if (body.Length <= StampBytes) return false;

        var compared = body[StampBytes..];
        foreach (var (known, parsed) in _known ?? [])
        {
            if (known is null || !compared.SequenceEqual(known)) continue;

            credentials = parsed;
            return true;
        }

        if (!RpcCredentials.TryParseSys(body, out credentials)) return false;

        _known ??= new (byte[], RpcCredentials)[Slots];
        _known[_next] = (compared.ToArray(), credentials);
        _next = (_next + 1) % Slots;
        return true;
    }
}
