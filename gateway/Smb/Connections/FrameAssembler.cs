using System.Buffers;
using System.Buffers.Binary;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>
/// Puts the bytes of one frame after the other together in the contiguous memory of a request: a zero byte, three bytes of
/// length, the message (MS-SMB2 2.1).
/// </summary>
/// <remarks>
/// Synchronous and without I/O: it consumes what has arrived and says what it needs next. The bytes are copied once.
/// Threading: the connection's reader.
/// </remarks>
internal sealed class FrameAssembler(SmbRequestPool requests)
{
    /// <summary>A longer message gets its memory only when this much of it has arrived.</summary>
    private const int EarnestBytes = 64 << 10;

    private const int MessageBytesMin = 4;

    private SmbRequest? _request;
    private int _length;
    private int _rest;
    private bool _inFrame;

    /// <summary>Longest message that is taken; grows when the client has proved who it is.</summary>
    public int MessageBytesMax { get; set; } = SmbLimits.UnauthenticatedMessageBytesMax;

    /// <summary>A frame has begun and is not complete.</summary>
    public bool InFrame => _inFrame;

    /// <summary>What <see cref="Reserve"/> will add to the memory held, after <see cref="FrameStep.NeedRoom"/>.</summary>
    public int Charge => _length + SmbLimits.MessageOverheadBytes;

    /// <summary>One step: consumes what can be consumed.</summary>
    /// <exception cref="SmbViolationException">The stream cannot be one of SMB messages.</exception>
    public FrameStep Advance(ref ReadOnlySequence<byte> input)
    {
        if (!_inFrame)
        {
            if (input.Length < ResponseWriter.FrameLengthBytes) return FrameStep.NeedBytes;
            BeginFrame(ref input);
        }

        if (_request is null)
            return input.Length >= Math.Min(_length, EarnestBytes) ? FrameStep.NeedRoom : FrameStep.NeedBytes;

        var count = (int)Math.Min(_rest, input.Length);
        input.Slice(0, count).CopyTo(_request.ReceiveFree);
        input = input.Slice(count);
        _request.AdvanceReceived(count);
        _rest -= count;
        return _rest == 0 ? FrameStep.Complete : FrameStep.NeedBytes;
    }

    /// <summary>Makes room for the frame, which the caller has accounted for by <see cref="Charge"/>.</summary>
    public void Reserve()
    {
        _request = requests.Rent();
        _request.RequestCharge = Charge;
        _request.Memory.Reserve(_length);
    }

    /// <summary>Hands over the complete message.</summary>
    public SmbRequest Take()
    {
        var request = _request!;
        _request = null;
        _inFrame = false;
        return request;
    }

    /// <summary>Hands over what there is of a message when the connection ends.</summary>
    public SmbRequest? TakePartial()
    {
        var request = _request;
        _request = null;
        return request;
    }

    private void BeginFrame(ref ReadOnlySequence<byte> input)
    {
        Span<byte> head = stackalloc byte[ResponseWriter.FrameLengthBytes];
        input.Slice(0, head.Length).CopyTo(head);
        input = input.Slice(head.Length);
        var word = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (word >> 24 != 0) throw new SmbViolationException("A frame of another protocol.");
        if (word < MessageBytesMin) throw new SmbViolationException("A frame without a message.");

        // A sealed message is longer by its header; the message in it is looked at again.
        if (word > MessageBytesMax + TransformHeader.Bytes)
            throw new SmbViolationException($"A message of {word} bytes where {MessageBytesMax} are the most.");

        _length = _rest = (int)word;
        _inFrame = true;
    }
}

/// <summary>What the assembly needs next.</summary>
internal enum FrameStep
{
    NeedBytes,
    NeedRoom,
    Complete,
}
