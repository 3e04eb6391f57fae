using System.Security.Cryptography;
using System.Text;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>
/// The cluster's identity and the secret its members share; makes and checks the proofs of a handshake.
/// </summary>
/// <remarks>
/// A proof is HMAC-SHA256 over the role, the protocol version, the cluster, and the handshake's transcript: it serves for
/// one handshake, in one direction, with one node, for one volume.
/// </remarks>
public sealed class ClusterSecret
{
    public const int KeyBytesMin = 16;

    private readonly byte[] _key;

    public ClusterSecret(Guid cluster, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, KeyBytesMin, nameof(key));
        Cluster = cluster;
        _key = key.ToArray();
    }

    /// <summary>
    /// A cluster whose identity follows from its secret, so that a node needs to be told nothing else.
    /// </summary>
    public static ClusterSecret FromKey(ReadOnlySpan<byte> key) =>
        new(new Guid(HMACSHA256.HashData(key, "nasgate cluster"u8).AsSpan(0, 16)), key);

    public Guid Cluster { get; }

    /// <summary>A key of 32 bytes for a purpose of its own; nobody learns the secret, or another key, from it.</summary>
    public byte[] DeriveKey(string purpose) =>
        HKDF.Expand(HashAlgorithmName.SHA256, HMACSHA256.HashData(_key, "nasgate keys"u8), 32, Encoding.UTF8.GetBytes(purpose));

    internal byte[] NodeProof(HandshakeTranscript transcript) => Prove("nasgate node"u8, transcript);

    internal byte[] OwnerProof(HandshakeTranscript transcript) => Prove("nasgate owner"u8, transcript);

    internal static bool Equal(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> expected) =>
        CryptographicOperations.FixedTimeEquals(proof, expected);

    private byte[] Prove(ReadOnlySpan<byte> role, HandshakeTranscript transcript)
    {
        using var writer = new WireWriter();
        writer.WriteBytes(role);
        writer.WriteUInt32(Hello.CurrentVersion);
        writer.WriteGuid(Cluster);
        writer.WriteGuid(transcript.Volume);
        writer.WriteBytes(transcript.OwnerNonce);
        writer.WriteBytes(transcript.NodeNonce);
        writer.WriteBytes(Encoding.UTF8.GetBytes(transcript.Node));
        return HMACSHA256.HashData(_key, writer.Written);
    }
}

/// <summary>What both sides of a handshake have said, and their proofs cover.</summary>
internal sealed record HandshakeTranscript(Guid Volume, string Node, byte[] OwnerNonce, byte[] NodeNonce);
