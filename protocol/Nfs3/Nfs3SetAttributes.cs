using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>time_how, RFC 1813 §2.6.</summary>
public enum Nfs3TimeHow : uint
{
    DoNotChange = 0,
    SetToServerTime = 1,
    SetToClientTime = 2,
}

/// <summary>set_atime and set_mtime, RFC 1813 §2.6.</summary>
public readonly record struct Nfs3SetTime(Nfs3TimeHow How, Nfs3Time Time)
{
    internal static Nfs3SetTime Read(ref XdrReader reader)
    {
        var how = (Nfs3TimeHow)reader.ReadEnum((uint)Nfs3TimeHow.SetToClientTime);
        return new(how, how == Nfs3TimeHow.SetToClientTime ? Nfs3Time.Read(ref reader) : default);
    }

    internal void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)How);
        if (How == Nfs3TimeHow.SetToClientTime) Time.Write(writer);
    }
}

/// <summary>
/// sattr3, RFC 1813 §2.6: null and <see cref="Nfs3TimeHow.DoNotChange"/> leave the attribute as it is.
/// </summary>
public readonly record struct Nfs3SetAttributes
{
    public uint? Mode { get; init; }

    public uint? UserId { get; init; }

    public uint? GroupId { get; init; }

    public ulong? Size { get; init; }

    public Nfs3SetTime AccessTime { get; init; }

    public Nfs3SetTime ModifyTime { get; init; }

    internal static Nfs3SetAttributes Read(ref XdrReader reader) => new()
    {
        Mode = ReadOptional(ref reader),
        UserId = ReadOptional(ref reader),
        GroupId = ReadOptional(ref reader),
        Size = reader.ReadBoolean() ? reader.ReadUInt64() : null,
        AccessTime = Nfs3SetTime.Read(ref reader),
        ModifyTime = Nfs3SetTime.Read(ref reader),
    };

    internal void Write(XdrWriter writer)
    {
        WriteOptional(writer, Mode);
        WriteOptional(writer, UserId);
        WriteOptional(writer, GroupId);
        writer.WriteBoolean(Size.HasValue);
        if (Size is { } size) writer.WriteUInt64(size);
        AccessTime.Write(writer);
        ModifyTime.Write(writer);
    }

    private static uint? ReadOptional(ref XdrReader reader) => reader.ReadBoolean() ? reader.ReadUInt32() : null;

    private static void WriteOptional(XdrWriter writer, uint? value)
    {
        writer.WriteBoolean(value.HasValue);
        if (value is { } present) writer.WriteUInt32(present);
    }
}
