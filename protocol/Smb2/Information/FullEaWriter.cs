using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>Writes a list of <see cref="FileFullEaInformation"/>, never past the end of its target.</summary>
public ref struct FullEaWriter
{
    private readonly Span<byte> _target;
    private int _last;

    public FullEaWriter(Span<byte> target)
    {
        _target = target;
        _last = -1;
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an entry; false and nothing written when it does not fit any more.</summary>
    public bool TryAdd(scoped in FileFullEaInformation entry)
    {
        var start = (Length + FileFullEaInformation.Alignment - 1) & -FileFullEaInformation.Alignment;
        if ((long)start + entry.Bytes > _target.Length) return false;

        _target[Length..start].Clear();
        entry.Write(_target[start..], 0);
        if (_last >= 0) BinaryPrimitives.WriteUInt32LittleEndian(_target[_last..], (uint)(start - _last));
        _last = start;
        Length = start + entry.Bytes;
        return true;
    }
}
