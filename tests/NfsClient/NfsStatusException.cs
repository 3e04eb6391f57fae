using Gateway.Protocol.Nfs3;

namespace Gateway.NfsClient;

/// <summary>The server answered with an error where the caller expected none.</summary>
public sealed class NfsStatusException(string call, Nfs3Status status) : Exception($"{call}: {status}")
{
    public Nfs3Status Status => status;
}
