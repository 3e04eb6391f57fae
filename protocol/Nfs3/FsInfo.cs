using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>The FSF3 bits, RFC 1813 §3.3.19.</summary>
[Flags]
public enum Nfs3Properties : uint
{
    None = 0,
    Link = 0x01,
    SymLink = 0x02,
    Homogeneous = 0x08,
    CanSetTime = 0x10,
}

/// <summary>FSINFO3res, RFC 1813 §3.3.19: sizes in bytes. The arguments are <see cref="HandleArgs"/>.</summary>
public readonly record struct FsInfoRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public uint ReadMax { get; init; }

    public uint ReadPreferred { get; init; }

    public uint ReadMultiple { get; init; }

    public uint WriteMax { get; init; }

    public uint WritePreferred { get; init; }

    public uint WriteMultiple { get; init; }

    public uint DirectoryPreferred { get; init; }

    public ulong FileSizeMax { get; init; }

    public Nfs3Time TimeDelta { get; init; }

    public Nfs3Properties Properties { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out FsInfoRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var attributes = Nfs3Attributes.ReadOptional(ref reader);
        parsed = status != Nfs3Status.Ok
            ? new FsInfoRes { Status = status, Attributes = attributes }
            : new FsInfoRes
            {
                Status = status,
                Attributes = attributes,
                ReadMax = reader.ReadUInt32(),
                ReadPreferred = reader.ReadUInt32(),
                ReadMultiple = reader.ReadUInt32(),
                WriteMax = reader.ReadUInt32(),
                WritePreferred = reader.ReadUInt32(),
                WriteMultiple = reader.ReadUInt32(),
                DirectoryPreferred = reader.ReadUInt32(),
                FileSizeMax = reader.ReadUInt64(),
                TimeDelta = Nfs3Time.Read(ref reader),
                Properties = (Nfs3Properties)reader.ReadUInt32(),
            };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status != Nfs3Status.Ok) return;

        writer.WriteUInt32(ReadMax);
        writer.WriteUInt32(ReadPreferred);
        writer.WriteUInt32(ReadMultiple);
        writer.WriteUInt32(WriteMax);
        writer.WriteUInt32(WritePreferred);
        writer.WriteUInt32(WriteMultiple);
        writer.WriteUInt32(DirectoryPreferred);
        writer.WriteUInt64(FileSizeMax);
        TimeDelta.Write(writer);
        writer.WriteUInt32((uint)Properties);
    }
}
