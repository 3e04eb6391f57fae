using System.Buffers.Binary;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>fattr3, RFC 1813 §2.6. <see cref="Mode"/> holds the twelve permission bits only.</summary>
public readonly record struct Nfs3Attributes
{
    /// <summary>Bytes of fattr3 on the wire.</summary>
    public const int Bytes = 84;

    public required Nfs3FileType Type { get; init; }

    public required uint Mode { get; init; }

    public required uint LinkCount { get; init; }

    public required uint UserId { get; init; }

    public required uint GroupId { get; init; }

    public required ulong Size { get; init; }

    /// <summary>Bytes that the file takes up; less than <see cref="Size"/> for a sparse file.</summary>
    public required ulong Used { get; init; }

    public Nfs3Device Device { get; init; }

    public required ulong FileSystemId { get; init; }

    public required ulong FileId { get; init; }

    public required Nfs3Time AccessTime { get; init; }

    public required Nfs3Time ModifyTime { get; init; }

    public required Nfs3Time ChangeTime { get; init; }

    internal static Nfs3Attributes Read(ref XdrReader reader)
    {
        var type = reader.ReadUInt32();
        if (type is < (uint)Nfs3FileType.Regular or > (uint)Nfs3FileType.Fifo) reader.Fail();
        return new Nfs3Attributes
        {
            Type = (Nfs3FileType)type,
            Mode = reader.ReadUInt32(),
            LinkCount = reader.ReadUInt32(),
            UserId = reader.ReadUInt32(),
            GroupId = reader.ReadUInt32(),
            Size = reader.ReadUInt64(),
            Used = reader.ReadUInt64(),
            Device = Nfs3Device.Read(ref reader),
            FileSystemId = reader.ReadUInt64(),
            FileId = reader.ReadUInt64(),
            AccessTime = Nfs3Time.Read(ref reader),
            ModifyTime = Nfs3Time.Read(ref reader),
            ChangeTime = Nfs3Time.Read(ref reader),
        };
    }

    /// <summary>post_op_attr: absent or present.</summary>
    internal static Nfs3Attributes? ReadOptional(ref XdrReader reader) =>
        reader.ReadBoolean() ? Read(ref reader) : null;

    // Nearly every reply carries this: one bounds check for all of it.
    internal void Write(XdrWriter writer)
    {
        var target = writer.GetSpan(Bytes)[..Bytes];
        BinaryPrimitives.WriteUInt32BigEndian(target, (uint)Type);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], Mode);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], LinkCount);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], UserId);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], GroupId);
        BinaryPrimitives.WriteUInt64BigEndian(target[20..], Size);
        BinaryPrimitives.WriteUInt64BigEndian(target[28..], Used);
        BinaryPrimitives.WriteUInt32BigEndian(target[36..], Device.Major);
        BinaryPrimitives.WriteUInt32BigEndian(target[40..], Device.Minor);
        BinaryPrimitives.WriteUInt64BigEndian(target[44..], FileSystemId);
        BinaryPrimitives.WriteUInt64BigEndian(target[52..], FileId);
        BinaryPrimitives.WriteUInt32BigEndian(target[60..], AccessTime.Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[64..], AccessTime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[68..], ModifyTime.Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[72..], ModifyTime.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[76..], ChangeTime.Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[80..], ChangeTime.Nanoseconds);
        writer.Advance(Bytes);
    }

    internal static void WriteOptional(XdrWriter writer, in Nfs3Attributes? attributes)
    {
        writer.WriteBoolean(attributes.HasValue);
        if (attributes is { } present) present.Write(writer);
    }
}
