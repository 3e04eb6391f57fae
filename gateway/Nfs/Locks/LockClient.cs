using System.Net;
using System.Security.Cryptography;

namespace Gateway.Nfs.Locks;

/// <summary>A host that takes locks, as NLM tells hosts apart: its address and the name it gives itself.</summary>
/// <remarks>
/// Both, because hosts behind one address differ by name, and hosts that all call themselves "localhost" differ by address: two
/// hosts taken for one would share each other's locks. Immutable; equal by <see cref="Key"/>.
/// </remarks>
internal sealed class LockClient
{
    /// <summary>A name is kept for people and for SM_NOTIFY; longer ones are told apart by their hash.</summary>
    public const int NameBytesMax = 255;

    private const byte Mark = 1;
    private const int AddressBytes = 16;
    private const int HashBytes = 16;

    private readonly byte[] _key;
    private readonly byte[] _name;

    public LockClient(IPAddress address, ReadOnlySpan<byte> name)
    {
        Address = address;
        _name = name[..Math.Min(name.Length, NameBytesMax)].ToArray();
        _key = new byte[1 + AddressBytes + HashBytes];
        _key[0] = Mark;
        address.MapToIPv6().TryWriteBytes(_key.AsSpan(1), out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        hash[..HashBytes].CopyTo(_key.AsSpan(1 + AddressBytes));
    }

    public IPAddress Address { get; }

    public ReadOnlySpan<byte> Name => _name;

    /// <summary>The client part of the owner of its locks.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>The key as text, for tables.</summary>
    public string KeyText => Convert.ToHexString(_key);

    /// <summary>
    /// True for the same name in another spelling: hosts notify under their full name, their short one, or both.
    /// </summary>
    public bool IsNamed(ReadOnlySpan<byte> name) =>
        Matches(_name, name)
        || (!_name.Contains((byte)'.') && Matches(_name, FirstLabel(name)))
        || (!name.Contains((byte)'.') && Matches(FirstLabel(_name), name));

    private static bool Matches(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        System.Text.Ascii.EqualsIgnoreCase(one, other);

    private static ReadOnlySpan<byte> FirstLabel(ReadOnlySpan<byte> name)
    {
        var dot = name.IndexOf((byte)'.');
        return dot < 0 ? name : name[..dot];
    }
}
