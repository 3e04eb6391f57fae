namespace Gateway.Protocol.DceRpc;

/// <summary>Answers a question for one structure that comes in levels: a union of pointers, and a status.</summary>
public static class LevelReply
{
    public static void Write(NdrWriter writer, uint level, INdrEntry entry)
    {
        writer.WriteUInt32(level);
        writer.WritePointer();
        entry.WriteFixed(writer, level);
        entry.WritePointees(writer, level);
        writer.WriteUInt32((uint)Win32Error.Success);
    }

    public static void WriteError(NdrWriter writer, uint level, Win32Error error)
    {
        writer.WriteUInt32(level);
        writer.WritePointer(false);
        writer.WriteUInt32((uint)error);
    }
}
