using System.Buffers;
using System.Net;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Rpc;

/// <summary>Puts the fragments of one record after the other together in the contiguous memory of a context (RFC 5531 §11).</summary>
/// <remarks>
/// Synchronous and without I/O: it consumes what has arrived and says what it needs next. The bytes are copied once.
/// Threading: the connection's reader.
/// </remarks>
internal sealed class RecordAssembler(RpcContextPool contexts)
{
    /// <summary>A longer fragment gets its memory only when this much of it has arrived.</summary>
    private const int EarnestBytes = 64 << 10;

    private RpcContext? _record;
    private int _fragmentRest;
    private int _fragments;
    private bool _lastFragment;
    private bool _inFragment;

    /// <summary>A record has begun and is not complete.</summary>
    public bool InRecord => _record is not null || _fragments > 0;

    /// <summary>What <see cref="Reserve"/> will add to the memory held, after <see cref="AssemblyStep.NeedRoom"/>.</summary>
    public int Charge => _fragmentRest + (_record is null ? RpcLimits.RequestOverheadBytes : 0);

    /// <summary>One step: consumes what can be consumed.</summary>
    /// <exception cref="ProtocolViolationException">The stream cannot be a stream of calls.</exception>
    public AssemblyStep Advance(ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            if (!_inFragment)
            {
                if (input.Length < RecordMark.Bytes) return AssemblyStep.NeedBytes;
                BeginFragment(ref input);
            }

            if (_fragmentRest > 0)
            {
                if (_record is null || _record.RequestFree.Length < _fragmentRest) return RoomStep(input.Length);
                if (!TakeBytes(ref input)) return AssemblyStep.NeedBytes;
            }

            _inFragment = false;
            if (!_lastFragment) continue;
            if (_record is null) throw new ProtocolViolationException("An empty record.");

            return AssemblyStep.Complete;
        }
    }

    /// <summary>Makes room for the rest of the fragment, which the caller has accounted for by <see cref="Charge"/>.</summary>
    public void Reserve()
    {
        var charge = Charge;
        _record ??= contexts.Rent();
        _record.RequestCharge += charge;
        _record.ReserveRequest(_fragmentRest);
    }

    /// <summary>Hands over the complete record.</summary>
    public RpcContext Take()
    {
        var record = _record!;
        _record = null;
        _fragments = 0;
        return record;
    }

    /// <summary>Hands over what there is of a record when the connection ends.</summary>
    public RpcContext? TakePartial()
    {
        var record = _record;
        _record = null;
        return record;
    }

    private AssemblyStep RoomStep(long arrived) =>
        arrived >= Math.Min(_fragmentRest, EarnestBytes) ? AssemblyStep.NeedRoom : AssemblyStep.NeedBytes;

    private void BeginFragment(ref ReadOnlySequence<byte> input)
    {
        Span<byte> header = stackalloc byte[RecordMark.Bytes];
        input.Slice(0, RecordMark.Bytes).CopyTo(header);
        input = input.Slice(RecordMark.Bytes);

        var mark = RecordMark.Read(header);
        if (++_fragments > RpcLimits.FragmentsMax)
            throw new ProtocolViolationException("A record of too many fragments.");
        if (mark.FragmentBytes > RpcLimits.RecordBytesMax - (_record?.RequestBytes ?? 0))
            throw new ProtocolViolationException($"A record of more than {RpcLimits.RecordBytesMax} bytes.");

        _fragmentRest = mark.FragmentBytes;
        _lastFragment = mark.Last;
        _inFragment = true;
    }

    private bool TakeBytes(ref ReadOnlySequence<byte> input)
    {
        var count = (int)Math.Min(_fragmentRest, input.Length);
        input.Slice(0, count).CopyTo(_record!.RequestFree);
        input = input.Slice(count);
        _record.AdvanceRequest(count);
        _fragmentRest -= count;
        return _fragmentRest == 0;
    }
}

/// <summary>What the assembly needs next.</summary>
internal enum AssemblyStep
{
    NeedBytes,
    NeedRoom,
    Complete,
}
