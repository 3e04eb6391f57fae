namespace Gateway.Replication.Wire;

/// <summary>First frame of a link, from the side that connects.</summary>
/// <param name="Version">Protocol version, <see cref="CurrentVersion"/>.</param>
/// <param name="Cluster">The cluster it belongs to.</param>
/// <param name="Volume">The volume that the link is for.</param>
/// <param name="Nonce">32 random bytes the node's proof must cover.</param>
public readonly record struct Hello(uint Version, Guid Cluster, Guid Volume, ReadOnlyMemory<byte> Nonce) : IWireMessage<Hello>
{
    public const uint CurrentVersion = 2;

    public const int NonceBytes = 32;

    public const int ProofBytes = 32;

    // "NGNL": a stray client of another protocol is told apart at once.
    private const uint Magic = 0x4C4E474E;

    public void Write(WireWriter writer)
    {
        writer.WriteUInt32(Magic);
        writer.WriteUInt32(Version);
        writer.WriteGuid(Cluster);
        writer.WriteGuid(Volume);
        writer.WriteRaw(Nonce.Span);
    }

    public static Hello Read(ref WireReader reader)
    {
        if (reader.ReadUInt32() != Magic) reader.Fail();
        return new Hello(reader.ReadUInt32(), reader.ReadGuid(), reader.ReadGuid(), reader.ReadRaw(NonceBytes));
    }
}

/// <summary>The node's answer: who it is, its own nonce, and the proof that it knows the secret.</summary>
public readonly record struct Challenge(
    string Node, ReadOnlyMemory<byte> Nonce, ReadOnlyMemory<byte> Proof) : IWireMessage<Challenge>
{
    public void Write(WireWriter writer)
    {
        writer.WriteText(Node);
        writer.WriteRaw(Nonce.Span);
        writer.WriteRaw(Proof.Span);
    }

    public static Challenge Read(ref WireReader reader) => new(
        reader.ReadText(FrameLimits.NameBytesMax),
        reader.ReadRaw(Hello.NonceBytes),
        reader.ReadRaw(Hello.ProofBytes));
}

/// <summary>The connecting side's proof that it knows the secret, over both nonces.</summary>
public readonly record struct Proof(ReadOnlyMemory<byte> Mac) : IWireMessage<Proof>
{
    public void Write(WireWriter writer) => writer.WriteRaw(Mac.Span);

    public static Proof Read(ref WireReader reader) => new(reader.ReadRaw(Hello.ProofBytes));
}

/// <summary>The link is open, to this incarnation of the node's copy.</summary>
public readonly record struct Welcome(ulong Incarnation) : IWireMessage<Welcome>
{
    public void Write(WireWriter writer) => writer.WriteUInt64(Incarnation);

    public static Welcome Read(ref WireReader reader) => new(reader.ReadUInt64());
}

/// <summary>Why a link was not opened.</summary>
public enum LinkRefusal : byte
{
    None = 0,
    Version = 1,
    Cluster = 2,

    /// <summary>The proof is wrong: another secret, or a replay.</summary>
    Secret = 3,

    /// <summary>Another node answered than the one expected at this address.</summary>
    OtherNode = 4,

    /// <summary>The node's copy of the volume is not open now, or it has too many volumes. Worth another try.</summary>
    Unavailable = 5,

    /// <summary>The node takes links over TLS only. Said in clear, to a peer that could not read it otherwise.</summary>
    NotEncrypted = 6,

    /// <summary>The peer speaks TLS, and this process has no certificates. Never sent.</summary>
    Encrypted = 7,

    /// <summary>The peer's certificate is not believed. Never sent: TLS has its own word for it.</summary>
    Certificate = 8,
}

/// <summary>The last frame before the node closes a link it does not want.</summary>
public readonly record struct Refusal(LinkRefusal Reason) : IWireMessage<Refusal>
{
    public void Write(WireWriter writer) => writer.WriteByte((byte)Reason);

    public static Refusal Read(ref WireReader reader)
    {
        var reason = (LinkRefusal)reader.ReadByte();
        if (reason is < LinkRefusal.Version or > LinkRefusal.NotEncrypted) reader.Fail();
        return new Refusal(reason);
    }
}
