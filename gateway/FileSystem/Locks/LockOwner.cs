namespace Gateway.FileSystem.Locks;

/// <summary>
/// Who holds a lock: a client (all of whose locks go when it restarts) and an owner within the client, for NLM the
/// svid and the owner handle. Opaque bytes, compared as such.
/// </summary>
public sealed class LockOwner : IEquatable<LockOwner>
{
    public const int ClientBytesMax = 128;

    public const int OwnerBytesMax = 1100;

    private readonly byte[] _client;
    private readonly byte[] _owner;

    /// <exception cref="ArgumentException">A part is over its bound, or the client is empty.</exception>
    public LockOwner(ReadOnlySpan<byte> client, ReadOnlySpan<byte> owner)
    {
        if (client.Length is 0 or > ClientBytesMax)
            throw new ArgumentException("The client has 1 to 128 bytes.", nameof(client));
        if (owner.Length > OwnerBytesMax)
            throw new ArgumentException("The owner has at most 1100 bytes.", nameof(owner));

        _client = client.ToArray();
        _owner = owner.ToArray();
    }

    public ReadOnlySpan<byte> Client => _client;

    public ReadOnlySpan<byte> Owner => _owner;

    public bool Equals(LockOwner? other) =>
        other is not null && Client.SequenceEqual(other.Client) && Owner.SequenceEqual(other.Owner);

    public override bool Equals(object? obj) => Equals(obj as LockOwner);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_client);
        hash.AddBytes(_owner);
        return hash.ToHashCode();
    }
}
