using Gateway.Nfs.Rpc;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Portmap;

/// <summary>The built-in port mapper: portmap version 2 and rpcbind versions 3 and 4, RFC 1833.</summary>
/// <remarks>
/// Remote callers may only read. Programs on this machine may register, from a reserved port, as rpcbind demands. The
/// indirect calls are not offered: they let a caller borrow our address and multiply its packets. For the same reason
/// lists are not sent in datagrams.
/// </remarks>
internal sealed class PortmapProgram(PortmapRegistry registry, TimeProvider time) : IRpcProgram
{
    private const int ReservedPortMax = 1023;

    public uint Number => PortmapProtocol.Program;

    public uint VersionMin => PortmapProtocol.PortmapVersion;

    public uint VersionMax => PortmapProtocol.RpcbindVersion4;

    public string Name => "portmap";

    public bool TakesDatagrams => true;

    public int ReplyBytesMax(uint version, uint procedure, ReadOnlySpan<byte> arguments) => 64 << 10;

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call) =>
        new(call.Version == PortmapProtocol.PortmapVersion ? Portmap(call) : Rpcbind(call));

    private RpcAcceptStatus Portmap(RpcContext call)
    {
        var procedure = (PortmapProcedure)call.Procedure;
        switch (procedure)
        {
            case PortmapProcedure.Null:
                return RpcAcceptStatus.Success;

            case PortmapProcedure.Set or PortmapProcedure.Unset or PortmapProcedure.GetPort:
                return PortmapMapping.TryParse(call.Arguments.Span, out var mapping)
                    ? Portmap(call, procedure, mapping)
                    : RpcAcceptStatus.GarbageArguments;

            case PortmapProcedure.Dump:
                if (call.Peer.IsDatagram) return Silence(call);

                PortmapMapping.WriteList(call.Output, registry.All(call.Peer.LocalAddress).Where(IsPortmap).Select(ToPortmap));
                return RpcAcceptStatus.Success;

            case PortmapProcedure.CallIt:
                return Silence(call);

            default:
                return RpcAcceptStatus.ProcedureUnavailable;
        }
    }

    private RpcAcceptStatus Portmap(RpcContext call, PortmapProcedure procedure, PortmapMapping mapping)
    {
        var network = mapping.Protocol switch
        {
            TransportProtocol.Tcp => UniversalAddress.Tcp,
            TransportProtocol.Udp => UniversalAddress.Udp,
            _ => "none",
        };
        switch (procedure)
        {
            case PortmapProcedure.GetPort:
                call.Output.WriteUInt32((uint)registry.FindPort(mapping.Program, mapping.Version, network));
                break;

            case PortmapProcedure.Set:
                var address = UniversalAddress.Format(System.Net.IPAddress.Any, (int)Math.Min(mapping.Port, ushort.MaxValue));
                call.Output.WriteBoolean(MayRegister(call)
                    && mapping.Port <= ushort.MaxValue
                    && registry.TrySet(new RpcbindMapping(mapping.Program, mapping.Version, network, address, "superuser")));
                break;

            default:
                call.Output.WriteBoolean(MayRegister(call) && registry.Unset(mapping.Program, mapping.Version, ""));
                break;
        }

        return RpcAcceptStatus.Success;
    }

    private RpcAcceptStatus Rpcbind(RpcContext call)
    {
        var procedure = (RpcbindProcedure)call.Procedure;
        switch (procedure)
        {
            case RpcbindProcedure.Null:
                return RpcAcceptStatus.Success;

            case RpcbindProcedure.Dump:
                if (call.Peer.IsDatagram) return Silence(call);

                RpcbindMapping.WriteList(call.Output, registry.All(call.Peer.LocalAddress));
                return RpcAcceptStatus.Success;

            case RpcbindProcedure.GetTime:
                call.Output.WriteUInt32(unchecked((uint)time.GetUtcNow().ToUnixTimeSeconds()));
                return RpcAcceptStatus.Success;

            case RpcbindProcedure.CallIt or RpcbindProcedure.Indirect:
                return Silence(call);

            case RpcbindProcedure.Set or RpcbindProcedure.Unset or RpcbindProcedure.GetAddress:
            case RpcbindProcedure.GetVersionAddress or RpcbindProcedure.GetAddressList when call.Version == 4:
                return RpcbindMapping.TryParse(call.Arguments.Span, out var mapping)
                    ? Rpcbind(call, procedure, mapping)
                    : RpcAcceptStatus.GarbageArguments;

            default:
                return RpcAcceptStatus.ProcedureUnavailable;
        }
    }

    private RpcAcceptStatus Rpcbind(RpcContext call, RpcbindProcedure procedure, RpcbindMapping mapping)
    {
        switch (procedure)
        {
            case RpcbindProcedure.Set:
                call.Output.WriteBoolean(MayRegister(call) && registry.TrySet(mapping));
                break;

            case RpcbindProcedure.Unset:
                call.Output.WriteBoolean(
                    MayRegister(call) && registry.Unset(mapping.Program, mapping.Version, mapping.NetworkId));
                break;

            case RpcbindProcedure.GetAddressList:
                if (call.Peer.IsDatagram) return Silence(call);

                RpcbindEntry.WriteList(
                    call.Output,
                    registry.All(call.Peer.LocalAddress)
                        .Where(known => known.Program == mapping.Program && known.Version == mapping.Version)
                        .Select(ToEntry));
                break;

            default:
                // The netid is that of the transport the request came on (RFC 1833 §2.2.1); clients that send another
                // mean that one, and every rpcbind in use takes it so.
                var network = mapping.NetworkId.Length == 0 ? NetworkOf(call.Peer) : mapping.NetworkId;
                var exact = procedure == RpcbindProcedure.GetVersionAddress;
                RpcbindMapping.WriteText(
                    call.Output,
                    registry.FindAddress(mapping.Program, mapping.Version, network, call.Peer.LocalAddress, exact));
                break;
        }

        return RpcAcceptStatus.Success;
    }

    // What a port mapper does with calls it will not pass on (RFC 1833 §3.2): nothing at all.
    private static RpcAcceptStatus Silence(RpcContext call)
    {
        call.Drop();
        return RpcAcceptStatus.Success;
    }

    private static bool MayRegister(RpcContext call) =>
        call.Peer.IsLoopback && call.Peer.Port is > 0 and <= ReservedPortMax;

    private static string NetworkOf(RpcPeer peer)
    {
        var network = peer.IsDatagram ? UniversalAddress.Udp : UniversalAddress.Tcp;
        return peer.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? network + "6" : network;
    }

    private static bool IsPortmap(RpcbindMapping mapping) =>
        mapping.NetworkId is UniversalAddress.Tcp or UniversalAddress.Udp;

    private static PortmapMapping ToPortmap(RpcbindMapping mapping)
    {
        var port = UniversalAddress.TryParse(mapping.Address, out var endPoint) ? endPoint.Port : 0;
        var protocol = mapping.NetworkId == UniversalAddress.Tcp ? TransportProtocol.Tcp : TransportProtocol.Udp;
        return new PortmapMapping(mapping.Program, mapping.Version, protocol, (uint)port);
    }

    private static RpcbindEntry ToEntry(RpcbindMapping mapping) =>
        new(
            mapping.Address,
            mapping.NetworkId,
            mapping.NetworkId.StartsWith("tcp", StringComparison.Ordinal)
                ? RpcbindSemantics.ConnectionOrientedOrderly
                : RpcbindSemantics.Connectionless,
            mapping.NetworkId.EndsWith('6') ? "inet6" : "inet",
            mapping.NetworkId[..3]);
}
