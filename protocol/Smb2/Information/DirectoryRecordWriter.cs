using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>Writes the records of one QUERY_DIRECTORY response, aligned and chained, never past the end of the buffer.</summary>
public struct DirectoryRecordWriter
{
    private readonly DirectoryRecordLayout _layout;

    /// <summary>For a class of which <see cref="DirectoryRecord.IsClass"/> is true.</summary>
    public DirectoryRecordWriter(FileInformationClass informationClass) =>
        DirectoryRecordLayout.TryGet(informationClass, out _layout);

    /// <summary>Bytes written so far; the last record is not padded.</summary>
    public int Length { get; private set; }

    public int Count { get; private set; }

    /// <summary>Offset of the record that was written last.</summary>
    public int LastRecord { get; private set; }

    /// <summary>Adds a record; false and nothing written when it does not fit any more.</summary>
    public bool TryAdd(Span<byte> output, scoped in DirectoryRecord record)
    {
        var start = (Length + DirectoryRecord.Alignment - 1) & -DirectoryRecord.Alignment;
        var bytes = _layout.Name + (record.Name.Length * sizeof(char));
        if ((long)start + bytes > output.Length) return false;

        output[Length..start].Clear();
        record.Write(output[start..], _layout);
        if (Count > 0) BinaryPrimitives.WriteUInt32LittleEndian(output[LastRecord..], (uint)(start - LastRecord));
        LastRecord = start;
        Length = start + bytes;
        Count++;
        return true;
    }
}
