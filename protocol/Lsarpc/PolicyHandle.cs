using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Lsarpc;

/// <summary>LSAPR_HANDLE, MS-LSAD 2.2.2.1: a context handle, C706 14.2.16.6.</summary>
public readonly record struct PolicyHandle(Guid Uuid)
{
    public bool IsNull => Uuid == Guid.Empty;

    public static PolicyHandle Read(scoped ref NdrReader reader)
    {
        if (reader.ReadUInt32() != 0) reader.Fail();
        return new PolicyHandle(reader.ReadGuid());
    }

    public void Write(NdrWriter writer)
    {
        writer.WriteUInt32(0);
        writer.WriteGuid(Uuid);
    }
}
