using System.Text;

namespace Gateway.SmbClient;

/// <summary>Bodies of requests (MS-SMB2 2.2.3 to 2.2.40), right by default; tests make them wrong by changing the bytes.</summary>
public static class Bodies
{
    public const int HeaderBytes = 64;

    public static readonly ushort[] AllDialects = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311];

    public static byte[] Negotiate(ReadOnlySpan<ushort> dialects, Guid client, ushort securityMode = 1, uint capabilities = 0x7F)
    {
        var writer = new MessageWriter()
            .U16(36).U16(dialects.Length).U16(securityMode).U16(0).U32(capabilities).Bytes(client.ToByteArray());
        var contexts = dialects.Contains((ushort)0x0311);
        var listEnd = HeaderBytes + 36 + (2 * dialects.Length);
        if (contexts) writer.U32((uint)((listEnd + 7) / 8 * 8)).U16(3).U16(0);
        else writer.U64(0);
        foreach (var dialect in dialects) writer.U16(dialect);
        if (!contexts) return writer.ToArray();

        writer.Zeros(((listEnd + 7) / 8 * 8) - listEnd);
        Context(writer, 1, new MessageWriter().U16(1).U16(32).U16(1).Zeros(32).ToArray());
        Context(writer, 2, new MessageWriter().U16(4).U16(2).U16(1).U16(4).U16(3).ToArray());
        Context(writer, 8, new MessageWriter().U16(3).U16(2).U16(1).U16(0).ToArray(), last: true);
        return writer.ToArray();
    }

    public static byte[] SessionSetup(ReadOnlySpan<byte> token, byte flags = 0, byte securityMode = 1, ulong previous = 0) =>
        new MessageWriter()
            .U16(25).U8(flags).U8(securityMode).U32(1).U32(0).U16(HeaderBytes + 24).U16(token.Length).U64(previous)
            .Bytes(token).ToArray();

    public static byte[] TreeConnect(string path)
    {
        var bytes = Encoding.Unicode.GetBytes(path);
        return new MessageWriter().U16(9).U16(0).U16(HeaderBytes + 8).U16(bytes.Length).Bytes(bytes).ToArray();
    }

    /// <summary>LOGOFF, TREE_DISCONNECT, ECHO and CANCEL: a size and nothing.</summary>
    public static byte[] Empty() => new MessageWriter().U16(4).U16(0).ToArray();

    public static byte[] Create(
        string name,
        uint access = 0x12019F,
        uint disposition = 3,
        uint options = 0,
        uint share = 7,
        byte oplock = 0,
        uint attributes = 0,
        ReadOnlySpan<byte> contexts = default)
    {
        var bytes = Encoding.Unicode.GetBytes(name);
        var nameAt = HeaderBytes + 56;
        var contextsAt = contexts.IsEmpty ? 0 : (nameAt + bytes.Length + 7) / 8 * 8;
        var writer = new MessageWriter()
            .U16(57).U8(0).U8(oplock).U32(2).U64(0).U64(0).U32(access).U32(attributes).U32(share).U32(disposition)
            .U32(options).U16(nameAt).U16(bytes.Length).U32((uint)contextsAt).U32((uint)contexts.Length).Bytes(bytes);
        if (bytes.Length == 0) writer.U8(0);
        if (!contexts.IsEmpty) writer.Zeros(contextsAt - HeaderBytes - writer.Length).Bytes(contexts);
        return writer.ToArray();
    }

    /// <summary>A create context (MS-SMB2 2.2.13.2); <paramref name="last"/> ends the chain.</summary>
    public static byte[] CreateContext(string name, ReadOnlySpan<byte> content, bool last = true)
    {
        var length = 24 + content.Length;
        var padded = (length + 7) / 8 * 8;
        return new MessageWriter()
            .U32(last ? 0u : (uint)padded).U16(16).U16(4).U16(0).U16(content.Length == 0 ? 0 : 24).U32((uint)content.Length)
            .Bytes(Encoding.ASCII.GetBytes(name)).Zeros(4).Bytes(content).Zeros(last ? 0 : padded - length).ToArray();
    }

    /// <summary>SMB2_CREATE_REQUEST_LEASE_V2 (MS-SMB2 2.2.13.2.10). State: 1 read, 2 handle, 4 write.</summary>
    public static byte[] LeaseContext(Guid key, uint state, ushort epoch = 0, bool last = true) => CreateContext(
        "RqLs", new MessageWriter().Bytes(key.ToByteArray()).U32(state).U32(0).U64(0).Zeros(16).U16(epoch).U16(0).ToArray(), last);

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 (2.2.13.2.11). Flags: 2 persistent.</summary>
    public static byte[] DurableContext(Guid create, uint timeoutMilliseconds = 0, bool last = true, uint flags = 0) => CreateContext(
        "DH2Q", new MessageWriter().U32(timeoutMilliseconds).U32(flags).U64(0).Bytes(create.ToByteArray()).ToArray(), last);

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 (2.2.13.2.12). Flags: 2 persistent.</summary>
    public static byte[] ReconnectContext(SmbFileId file, Guid create, bool last = true, uint flags = 0) => CreateContext(
        "DH2C", new MessageWriter().U64(file.Persistent).U64(file.Volatile).Bytes(create.ToByteArray()).U32(flags).ToArray(), last);

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_RECONNECT (2.2.13.2.4).</summary>
    public static byte[] ReconnectContextV1(SmbFileId file) =>
        CreateContext("DHnC", new MessageWriter().U64(file.Persistent).U64(file.Volatile).ToArray());

    public static byte[] Close(SmbFileId file, ushort flags = 0) =>
        new MessageWriter().U16(24).U16(flags).U32(0).U64(file.Persistent).U64(file.Volatile).ToArray();

    public static byte[] Flush(SmbFileId file) =>
        new MessageWriter().U16(24).U16(0).U32(0).U64(file.Persistent).U64(file.Volatile).ToArray();

    public static byte[] Read(SmbFileId file, ulong offset, uint length, uint least = 0) =>
        new MessageWriter()
            .U16(49).U8(0x50).U8(0).U32(length).U64(offset).U64(file.Persistent).U64(file.Volatile).U32(least).U32(0).U32(0)
            .U16(0).U16(0).U8(0).ToArray();

    public static byte[] Write(SmbFileId file, ulong offset, ReadOnlySpan<byte> content, uint flags = 0)
    {
        var writer = new MessageWriter()
            .U16(49).U16(HeaderBytes + 48).U32((uint)content.Length).U64(offset).U64(file.Persistent).U64(file.Volatile)
            .U32(0).U32(0).U16(0).U16(0).U32(flags).Bytes(content);
        return content.IsEmpty ? writer.U8(0).ToArray() : writer.ToArray();
    }

    /// <summary>Flags: 1 shared, 2 exclusive, 4 unlock, 0x10 fail at once.</summary>
    public static byte[] Lock(SmbFileId file, params ReadOnlySpan<(ulong Offset, ulong Length, uint Flags)> locks) =>
        NumberedLock(file, 0, 0, locks);

    /// <summary>With a LockSequence: index 1 to 64, number 0 to 15 (2.2.26).</summary>
    public static byte[] NumberedLock(
        SmbFileId file, uint index, uint number, params ReadOnlySpan<(ulong Offset, ulong Length, uint Flags)> locks)
    {
        var writer = new MessageWriter().U16(48).U16(locks.Length).U32(index << 4 | number).U64(file.Persistent).U64(file.Volatile);
        foreach (var (offset, length, flags) in locks) writer.U64(offset).U64(length).U32(flags).U32(0);
        return writer.ToArray();
    }

    public static byte[] Ioctl(uint code, SmbFileId file, ReadOnlySpan<byte> input, uint outputMax = 65536, uint flags = 1)
    {
        var writer = new MessageWriter()
            .U16(57).U16(0).U32(code).U64(file.Persistent).U64(file.Volatile)
            .U32(HeaderBytes + 56).U32((uint)input.Length).U32(0).U32(0).U32(0).U32(outputMax).U32(flags).U32(0).Bytes(input);
        return input.IsEmpty ? writer.U8(0).ToArray() : writer.ToArray();
    }

    public static byte[] QueryDirectory(SmbFileId file, string pattern, byte information = 37, byte flags = 0, uint outputMax = 65536)
    {
        var bytes = Encoding.Unicode.GetBytes(pattern);
        return new MessageWriter()
            .U16(33).U8(information).U8(flags).U32(0).U64(file.Persistent).U64(file.Volatile).U16(HeaderBytes + 32)
            .U16(bytes.Length).U32(outputMax).Bytes(bytes).ToArray();
    }

    public static byte[] ChangeNotify(SmbFileId file, uint filter, bool tree = false, uint outputMax = 65536) =>
        new MessageWriter()
            .U16(32).U16(tree ? 1 : 0).U32(outputMax).U64(file.Persistent).U64(file.Volatile).U32(filter).U32(0).ToArray();

    public static byte[] QueryInfo(SmbFileId file, byte type, byte information, uint outputMax = 65536, uint additional = 0) =>
        new MessageWriter()
            .U16(41).U8(type).U8(information).U32(outputMax).U16(0).U16(0).U32(0).U32(additional).U32(0)
            .U64(file.Persistent).U64(file.Volatile).U8(0).ToArray();

    public static byte[] SetInfo(SmbFileId file, byte type, byte information, ReadOnlySpan<byte> content, uint additional = 0) =>
        new MessageWriter()
            .U16(33).U8(type).U8(information).U32((uint)content.Length).U16(HeaderBytes + 32).U16(0).U32(additional)
            .U64(file.Persistent).U64(file.Volatile).Bytes(content).ToArray();

    /// <summary>FileRenameInformation as SMB2 carries it (MS-FSCC 2.4.37.2).</summary>
    public static byte[] RenameContent(string target, bool replace)
    {
        var bytes = Encoding.Unicode.GetBytes(target);
        return new MessageWriter().U8(replace ? (byte)1 : (byte)0).Zeros(7).U64(0).U32((uint)bytes.Length).Bytes(bytes).ToArray();
    }

    public static byte[] OplockAcknowledgment(SmbFileId file, byte level) =>
        new MessageWriter().U16(24).U8(level).U8(0).U32(0).U64(file.Persistent).U64(file.Volatile).ToArray();

    public static byte[] LeaseAcknowledgment(Guid key, uint state) =>
        new MessageWriter().U16(36).U16(0).U32(0).Bytes(key.ToByteArray()).U32(state).U64(0).ToArray();

    private static void Context(MessageWriter writer, int type, ReadOnlySpan<byte> content, bool last = false)
    {
        writer.U16(type).U16(content.Length).U32(0).Bytes(content);
        if (!last) writer.Zeros((8 - (content.Length % 8)) % 8);
    }
}

/// <summary>The two halves of a file id, as the server gave them.</summary>
public readonly record struct SmbFileId(ulong Persistent, ulong Volatile)
{
    /// <summary>The file of the element before, in a chain of related requests; also what no file has.</summary>
    public static SmbFileId Related => new(ulong.MaxValue, ulong.MaxValue);
}
