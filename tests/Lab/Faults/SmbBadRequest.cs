using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>A request that is wrong in one place, and what may be answered: one of the statuses; none means the connection ends.</summary>
public sealed record SmbBadRequest(
    string Name, Smb2Command Command, Func<SmbBadTargets, byte[]> Body, params NtStatus[] Allowed)
{
    /// <summary>Changes the header that belongs to the body.</summary>
    public Action<byte[]>? Header { get; init; }

    /// <summary>Sent without a signature on purpose.</summary>
    public bool IsUnsigned { get; init; }

    public override string ToString() => $"{Command}: {Name}";

    /// <summary>The same with one field of the body overwritten, little-endian.</summary>
    public static SmbBadRequest Field(
        Smb2Command command, Func<SmbBadTargets, byte[]> body, string field, int at, int bytes, ulong value, params NtStatus[] allowed) =>
        new($"{field} is 0x{value:X}", command, targets => Overwrite(body(targets), at, bytes, value), allowed);

    public static byte[] Overwrite(byte[] bytes, int at, int count, ulong value)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        number[..count].CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}

/// <summary>What bad requests aim at: an open file and an open directory of the session.</summary>
public sealed record SmbBadTargets(SmbFileId File, SmbFileId Directory);
