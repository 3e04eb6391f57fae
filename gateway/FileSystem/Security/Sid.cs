using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Gateway.FileSystem.Security;

/// <summary>A security identifier, MS-DTYP 2.4.2: who owns, may or may not. Immutable.</summary>
/// <remarks>
/// <code>
/// 0 Revision=1 | 1 SubAuthorityCount | 2 IdentifierAuthority (6 bytes, big endian) | 8 SubAuthority[] (4 bytes each, little endian)
/// </code>
/// </remarks>
public sealed class Sid : IEquatable<Sid>
{
    public const int SubAuthoritiesMax = 15;

    public const int BytesMax = HeaderBytes + (SubAuthoritiesMax * sizeof(uint));

    private const int HeaderBytes = 8;
    private const byte Revision = 1;
    private const ulong AuthorityMax = (1UL << 48) - 1;

    /// <summary>MS-DTYP 2.4.2.1: a larger authority is written in hexadecimal.</summary>
    private const ulong DecimalAuthorityMax = uint.MaxValue;

    private readonly uint[] _subAuthorities;

    public Sid(ulong authority, params ReadOnlySpan<uint> subAuthorities)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(authority, AuthorityMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subAuthorities.Length, SubAuthoritiesMax);
        Authority = authority;
        _subAuthorities = subAuthorities.ToArray();
    }

    public ulong Authority { get; }

    public ReadOnlySpan<uint> SubAuthorities => _subAuthorities;

    /// <summary>The relative identifier: the last sub-authority; 0 when there is none.</summary>
    public uint RelativeId => _subAuthorities.Length == 0 ? 0 : _subAuthorities[^1];

    public int BinaryLength => HeaderBytes + (_subAuthorities.Length * sizeof(uint));

    /// <summary>Reads the SID that <paramref name="input"/> starts with.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out Sid sid, out int bytes)
    {
        sid = WellKnownSids.Nobody;
        bytes = 0;
        if (input.Length < HeaderBytes || input[0] != Revision || input[1] > SubAuthoritiesMax) return false;

        int count = input[1];
        var length = HeaderBytes + (count * sizeof(uint));
        if (input.Length < length) return false;

        Span<uint> subAuthorities = stackalloc uint[SubAuthoritiesMax];
        for (var index = 0; index < count; index++)
            subAuthorities[index] = BinaryPrimitives.ReadUInt32LittleEndian(input[(HeaderBytes + (index * sizeof(uint)))..]);

        var authority = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(input[2..]) << 32) | BinaryPrimitives.ReadUInt32BigEndian(input[4..]);
        sid = new Sid(authority, subAuthorities[..count]);
        bytes = length;
        return true;
    }

    /// <summary>Reads the text form, <c>S-1-5-21-1-2-3-1000</c> (MS-DTYP 2.4.2.1).</summary>
    public static bool TryParse(string text, out Sid sid)
    {
        sid = WellKnownSids.Nobody;
        var parts = text.Split('-');
        if (parts.Length < 3 || parts.Length > 3 + SubAuthoritiesMax) return false;
        if (parts[0] is not ("S" or "s") || parts[1] != "1" || !TryParseAuthority(parts[2], out var authority)) return false;

        var subAuthorities = new uint[parts.Length - 3];
        for (var index = 0; index < subAuthorities.Length; index++)
        {
            if (!uint.TryParse(parts[index + 3], NumberStyles.None, CultureInfo.InvariantCulture, out subAuthorities[index])) return false;
        }

        sid = new Sid(authority, subAuthorities);
        return true;
    }

    public static Sid Parse(string text) =>
        TryParse(text, out var sid) ? sid : throw new FormatException($"'{text}' is not a security identifier.");

    /// <summary>This SID with one more sub-authority: an account of a domain.</summary>
    public Sid With(uint relativeId) => new(Authority, [.. _subAuthorities, relativeId]);

    /// <summary>True when this is <paramref name="domain"/> and exactly one more sub-authority.</summary>
    public bool IsIn(Sid domain) =>
        Authority == domain.Authority
        && _subAuthorities.Length == domain._subAuthorities.Length + 1
        && SubAuthorities.StartsWith(domain.SubAuthorities);

    /// <summary>Writes <see cref="BinaryLength"/> bytes and returns their number.</summary>
    public int Write(Span<byte> target)
    {
        target[0] = Revision;
        target[1] = (byte)_subAuthorities.Length;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)(Authority >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)(Authority & uint.MaxValue));
        for (var index = 0; index < _subAuthorities.Length; index++)
            BinaryPrimitives.WriteUInt32LittleEndian(target[(HeaderBytes + (index * sizeof(uint)))..], _subAuthorities[index]);
        return BinaryLength;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[BinaryLength];
        Write(bytes);
        return bytes;
    }

    public bool Equals(Sid? other) =>
        other is not null && Authority == other.Authority && SubAuthorities.SequenceEqual(other.SubAuthorities);

    public override bool Equals(object? obj) => Equals(obj as Sid);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Authority);
        foreach (var subAuthority in _subAuthorities) hash.Add(subAuthority);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        var text = new StringBuilder("S-1-");
        if (Authority <= DecimalAuthorityMax) text.Append(CultureInfo.InvariantCulture, $"{Authority}");
        else text.Append(CultureInfo.InvariantCulture, $"0x{Authority:X12}");
        foreach (var subAuthority in _subAuthorities) text.Append(CultureInfo.InvariantCulture, $"-{subAuthority}");
        return text.ToString();
    }

    private static bool TryParseAuthority(string text, out ulong authority)
    {
        var parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out authority)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out authority);
        return parsed && authority <= AuthorityMax;
    }
}
