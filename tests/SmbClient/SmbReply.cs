using System.Buffers.Binary;
using System.Text;
using Gateway.Protocol.Smb2;

namespace Gateway.SmbClient;

/// <summary>One response, or one element of a compound.</summary>
public sealed record SmbReply(Smb2Header Header, byte[] Message)
{
    public NtStatus Status => Header.Status;

    public ReadOnlySpan<byte> Body => Message.AsSpan(Smb2Header.Bytes);

    public bool IsInterim => Header.IsAsync && Status == NtStatus.Pending;

    /// <summary>A break or another word of the server that answers nothing.</summary>
    public bool IsNotification => Header.MessageId == ulong.MaxValue;

    public uint U32(int at) => BitConverter.ToUInt32(Message, Smb2Header.Bytes + at);

    public ulong U64(int at) => BitConverter.ToUInt64(Message, Smb2Header.Bytes + at);

    /// <summary>The file id of a CREATE response.</summary>
    public SmbFileId FileId => new(U64(64), U64(72));

    /// <summary>The content of a context of a CREATE response (MS-SMB2 2.2.14.2); null when it is not there.</summary>
    public byte[]? CreateContext(string name)
    {
        var at = (int)U32(80);
        for (var left = U32(84) > 0; left;)
        {
            var context = Message.AsSpan(at);
            var next = BinaryPrimitives.ReadInt32LittleEndian(context);
            var nameAt = BinaryPrimitives.ReadUInt16LittleEndian(context[4..]);
            if (Encoding.ASCII.GetString(context.Slice(nameAt, 4)) == name)
            {
                var content = BinaryPrimitives.ReadUInt16LittleEndian(context[10..]);
                return context.Slice(content, BinaryPrimitives.ReadInt32LittleEndian(context[12..])).ToArray();
            }

            at += next;
            left = next != 0;
        }

        return null;
    }
}
