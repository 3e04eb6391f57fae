using System.Security.Cryptography;

namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>The pre-authentication integrity hash of SMB 3.1.1: SHA-512 over what was said so far (MS-SMB2 3.1.4.4).</summary>
/// <remarks>A connection has one for its NEGOTIATE, each SESSION_SETUP under way goes on from a copy. For one thread.</remarks>
public sealed class PreauthHash
{
    public const int Bytes = 64;

    private readonly byte[] _value;

    public PreauthHash() => _value = new byte[Bytes];

    private PreauthHash(byte[] value) => _value = value;

    public ReadOnlySpan<byte> Value => _value;

    /// <summary>Takes in a whole message as it is on the wire, without the length before it.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(_value);
        hash.AppendData(message);
        hash.GetHashAndReset(_value);
    }

    public PreauthHash Copy() => new([.. _value]);
}
