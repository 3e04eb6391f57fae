using System.Buffers.Binary;
using System.Text;

namespace Gateway.Protocol.DceRpc;

/// <summary>The PDUs a server sends, C706 12.6.4.</summary>
public static class DcePdus
{
    /// <summary>Common header, alloc_hint, p_cont_id, cancel_count and reserved: in front of the stub of a response.</summary>
    public const int ResponseHeaderBytes = DcePduHeader.Bytes + 8;

    private const int FaultBytes = ResponseHeaderBytes + 8;

    /// <summary>bind_ack or alter_context_resp; only the first says by which port, here the pipe, the server is reached.</summary>
    public static byte[] BindAck(
        DcePduType type, uint callId, int transmitBytesMax, int receiveBytesMax, uint group, string port,
        IReadOnlyList<DceBindResult> results)
    {
        var writer = new NdrWriter();
        writer.WriteBytes(stackalloc byte[DcePduHeader.Bytes]);
        writer.WriteUInt16((ushort)transmitBytesMax);
        writer.WriteUInt16((ushort)receiveBytesMax);
        writer.WriteUInt32(group);
        if (type == DcePduType.BindAck)
        {
            writer.WriteUInt16((ushort)(port.Length + 1));
            writer.WriteBytes(Encoding.ASCII.GetBytes(port));
            writer.WriteByte(0);
        }
        else
        {
            writer.WriteUInt16(0);
        }

        writer.Align(sizeof(uint));
        writer.WriteUInt32((uint)results.Count);
        foreach (var result in results)
        {
            writer.WriteUInt16((ushort)result.Outcome);
            writer.WriteUInt16((ushort)result.Reason);
            result.Transfer.Write(writer);
        }

        return WithHeader(writer.Written.ToArray(), type, DcePduFlags.Whole, callId);
    }

    /// <summary>bind_nak: no association at all.</summary>
    public static byte[] BindNak(uint callId, DceBindRejection reason)
    {
        // Reason, and the versions that are supported: one, 5.0.
        var pdu = new byte[DcePduHeader.Bytes + 8];
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(16), (ushort)reason);
        pdu[18] = 1;
        pdu[19] = 5;
        return WithHeader(pdu, DcePduType.BindNak, DcePduFlags.Whole, callId);
    }

    public static byte[] Fault(uint callId, ushort contextId, DceFaultStatus status)
    {
        var pdu = new byte[FaultBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(16), FaultBytes - ResponseHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(20), contextId);
        BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(24), (uint)status);
        return WithHeader(pdu, DcePduType.Fault, DcePduFlags.Whole | DcePduFlags.DidNotExecute, callId);
    }

    /// <summary>The fragments of a response, none longer than <paramref name="fragmentBytesMax"/>.</summary>
    public static IEnumerable<byte[]> Response(uint callId, ushort contextId, ReadOnlyMemory<byte> stub, int fragmentBytesMax)
    {
        // All but the last carry a multiple of eight bytes, as alignment inside of the stub wants it.
        var room = (fragmentBytesMax - ResponseHeaderBytes) & ~7;
        var flags = DcePduFlags.FirstFragment;
        do
        {
            var part = stub[..Math.Min(room, stub.Length)];
            if (part.Length == stub.Length) flags |= DcePduFlags.LastFragment;

            var pdu = new byte[ResponseHeaderBytes + part.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(16), (uint)stub.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(20), contextId);
            part.Span.CopyTo(pdu.AsSpan(ResponseHeaderBytes));
            yield return WithHeader(pdu, DcePduType.Response, flags, callId);

            stub = stub[part.Length..];
            flags = DcePduFlags.None;
        }
        while (!stub.IsEmpty);
    }

    private static byte[] WithHeader(byte[] pdu, DcePduType type, DcePduFlags flags, uint callId)
    {
        new DcePduHeader { Type = type, Flags = flags, FragmentBytes = pdu.Length, CallId = callId }.Write(pdu);
        return pdu;
    }
}
