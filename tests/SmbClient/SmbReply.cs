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
}
