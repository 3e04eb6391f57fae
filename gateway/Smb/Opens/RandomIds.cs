using System.Buffers.Binary;
using System.Security.Cryptography;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Opens;

/// <summary>Ids of opens. They cannot be guessed: they are all that tells one client's open from another's.</summary>
internal static class RandomIds
{
    /// <summary>An id that does not mean no file, as zero and all ones do.</summary>
    /// <param name="persistent">The persistent half; null for any.</param>
    public static FileId Next(ulong? persistent)
    {
        Span<byte> random = stackalloc byte[FileId.Bytes];
        while (true)
        {
            RandomNumberGenerator.Fill(random);
            var id = new FileId(
                persistent ?? BinaryPrimitives.ReadUInt64LittleEndian(random), BinaryPrimitives.ReadUInt64LittleEndian(random[8..]));
            if (id.Persistent is not (0 or ulong.MaxValue) && id.Volatile is not (0 or ulong.MaxValue))
                return id;
        }
    }
}
