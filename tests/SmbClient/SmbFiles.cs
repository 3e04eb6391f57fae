using System.Buffers.Binary;
using Gateway.Protocol.Smb2;

namespace Gateway.SmbClient;

/// <summary>What tests do with files, a line each; anything but success is an exception.</summary>
public static class SmbFiles
{
    /// <summary>Opens or makes a file.</summary>
    public static SmbFileId CreateFile(
        this SmbSession session,
        string name,
        uint access = 0x12019F,
        uint disposition = 3,
        uint options = 0,
        uint share = 7,
        byte oplock = 0,
        ReadOnlySpan<byte> contexts = default)
    {
        var reply = session.Ask(
            Smb2Command.Create,
            Bodies.Create(name, access, disposition, options, share, oplock, contexts: contexts));
        return reply.Require(NtStatus.Success).FileId;
    }

    /// <summary>Opens a directory, or makes it.</summary>
    public static SmbFileId CreateDirectory(this SmbSession session, string name) =>
        session.CreateFile(name, access: 0x1200A9, options: 1);

    public static byte[] ReadFile(this SmbSession session, SmbFileId file, ulong offset, uint length)
    {
        var charge = (ushort)Math.Max(1, (length + 65535) / 65536);
        var reply = session.Ask(Smb2Command.Read, Bodies.Read(file, offset, length), charge).Require(NtStatus.Success);
        var at = reply.Body[2];
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(reply.Body[4..]);
        return reply.Message[at..(at + bytes)];
    }

    public static void WriteFile(this SmbSession session, SmbFileId file, ulong offset, ReadOnlySpan<byte> content)
    {
        var charge = (ushort)Math.Max(1, (content.Length + 65535) / 65536);
        session.Ask(Smb2Command.Write, Bodies.Write(file, offset, content), charge).Require(NtStatus.Success);
    }

    public static void CloseFile(this SmbSession session, SmbFileId file) =>
        session.Ask(Smb2Command.Close, Bodies.Close(file)).Require(NtStatus.Success);

    /// <summary>Content of a file that is opened for it.</summary>
    public static byte[] ReadAll(this SmbSession session, string name, uint length)
    {
        var file = session.CreateFile(name, access: 0x120089, disposition: 1);
        var content = session.ReadFile(file, 0, length);
        session.CloseFile(file);
        return content;
    }

    /// <summary>Makes or replaces a file with this content.</summary>
    public static void WriteAll(this SmbSession session, string name, ReadOnlySpan<byte> content)
    {
        var file = session.CreateFile(name, disposition: 5);
        session.WriteFile(file, 0, content);
        session.CloseFile(file);
    }

    /// <summary>Whether the name can be opened.</summary>
    public static bool Exists(this SmbSession session, string name)
    {
        var reply = session.Ask(Smb2Command.Create, Bodies.Create(name, access: 0x80, disposition: 1));
        if (reply.Status == NtStatus.ObjectNameNotFound) return false;

        session.CloseFile(reply.Require(NtStatus.Success).FileId);
        return true;
    }
}
