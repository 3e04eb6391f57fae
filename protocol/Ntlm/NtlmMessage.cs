using System.Buffers.Binary;
using System.Text;

namespace Gateway.Protocol.Ntlm;

/// <summary>What the three messages have in common (MS-NLMP 2.2.1).</summary>
public static class NtlmMessage
{
    internal const int TypeOffset = 8;
    internal const int FieldBytes = 8;

    /// <summary>"NTLMSSP" and a zero, at the start of every message.</summary>
    public static ReadOnlySpan<byte> Signature => "NTLMSSP\0"u8;

    /// <summary>Whether a security token is NTLM without SPNEGO around it.</summary>
    public static bool IsNtlm(ReadOnlySpan<byte> token) => token.StartsWith(Signature);

    internal static bool Is(ReadOnlySpan<byte> message, NtlmMessageType type, int bytesMin) =>
        message.Length >= bytesMin
        && IsNtlm(message)
        && BinaryPrimitives.ReadUInt32LittleEndian(message[TypeOffset..]) == (uint)type;

    internal static NtlmFlags Flags(ReadOnlySpan<byte> message, int offset) =>
        (NtlmFlags)BinaryPrimitives.ReadUInt32LittleEndian(message[offset..]);

    /// <summary>Reads length, allocated length and offset at <paramref name="offset"/>, and what they point to.</summary>
    internal static bool TryReadField(ReadOnlySpan<byte> message, int offset, out ReadOnlySpan<byte> value)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(message[offset..]);
        var start = BinaryPrimitives.ReadUInt32LittleEndian(message[(offset + 4)..]);
        value = default;

        // Some clients leave the offset of an empty field at whatever it was.
        if (length == 0) return true;
        if ((ulong)start + length > (ulong)message.Length) return false;

        value = message.Slice((int)start, length);
        return true;
    }

    internal static void WriteField(Span<byte> message, int offset, int length, int start)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message[offset..], (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[(offset + 2)..], (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(message[(offset + 4)..], (uint)start);
    }

    /// <summary>The text of a field: UTF-16, or in whatever code page the client has.</summary>
    internal static bool TryReadText(ReadOnlySpan<byte> bytes, NtlmFlags flags, out string text)
    {
        text = "";
        if ((flags & NtlmFlags.Unicode) == 0)
        {
            text = Encoding.Latin1.GetString(bytes);
            return true;
        }

        if (bytes.Length % sizeof(char) != 0) return false;

        text = Encoding.Unicode.GetString(bytes);
        return true;
    }
}
