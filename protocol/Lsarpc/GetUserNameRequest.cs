using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LsarGetUserName, MS-LSAT 3.1.4.2: as whom did I come?</summary>
public readonly record struct GetUserNameRequest(bool WantsDomain)
{
    private const int SystemNameLengthMax = 1024;

    public static bool TryParse(ReadOnlySpan<byte> stub, out GetUserNameRequest request)
    {
        var reader = new NdrReader(stub);
        reader.ReadUniqueString(SystemNameLengthMax);

        // Both names are null when they are sent; a client that sends one has its own idea of this call.
        if (reader.ReadPointer()) reader.Fail();
        var wantsDomain = reader.ReadPointer();
        if (wantsDomain && reader.ReadPointer()) reader.Fail();
        request = new GetUserNameRequest(wantsDomain);
        return reader.Intact;
    }

    /// <summary>Writes user and domain; the status follows.</summary>
    public void WriteReply(NdrWriter writer, string user, string domain)
    {
        writer.WritePointer();
        writer.WriteCountedStringHead(user);
        writer.WriteCountedString(user);
        writer.WritePointer(WantsDomain);
        if (!WantsDomain) return;

        writer.WritePointer();
        writer.WriteCountedStringHead(domain);
        writer.WriteCountedString(domain);
    }
}
