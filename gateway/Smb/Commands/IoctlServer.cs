using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb.Connections;

namespace Gateway.Smb.Commands;

/// <summary>FSCTLs about the connection and the server.</summary>
internal static class IoctlServer
{
    private const ulong BitsPerSecond = 1_000_000_000;

    public static Func<IoctlCall, NtStatus>? Find(FileControlCode code) => code switch
    {
        FileControlCode.ValidateNegotiate => ValidateNegotiate,
        FileControlCode.QueryNetworkInterfaces => QueryNetworkInterfaces,
        FileControlCode.DfsGetReferrals => GetReferrals,
        FileControlCode.DfsGetReferralsEx => GetReferralsExtended,
        _ => null,
    };

    /// <summary>MS-SMB2 3.3.5.15.12: what does not match was changed on the way, and nothing on this connection can be believed.</summary>
    private static NtStatus ValidateNegotiate(IoctlCall call)
    {
        if (!ValidateNegotiateRequest.TryParse(call.Input.Span, out var asked)) return NtStatus.InvalidParameter;
        if (call.OutputMax < ValidateNegotiateResponse.Bytes) return NtStatus.BufferTooSmall;

        var dialects = new Smb2Dialect[asked.DialectCount];
        for (var index = 0; index < dialects.Length; index++) dialects[index] = asked.Dialect(index);

        var connection = call.Request.Connection;
        var negotiated = connection.Negotiation;
        if (!negotiated.Matches(asked.Capabilities, asked.ClientGuid, asked.SecurityMode, dialects))
        {
            call.Request.IsDropped = true;
            call.Request.Server.ReportRefusal(connection, SmbRefusal.Downgraded);
            connection.Violate("the negotiation was not what the client sent");
            return NtStatus.AccessDenied;
        }

        new ValidateNegotiateResponse(
            negotiated.ServerCapabilities, call.Request.Server.Options.ServerGuid, negotiated.ServerSecurityMode, negotiated.Dialect)
            .Write(call.Reserve(ValidateNegotiateResponse.Bytes));
        return NtStatus.Success;
    }

    /// <summary>MS-SMB2 3.3.5.15.11.</summary>
    private static NtStatus QueryNetworkInterfaces(IoctlCall call)
    {
        if (call.Request.Connection.Dialect < Smb2Dialect.Smb300) return NtStatus.NotSupported;

        var interfaces = Interfaces(call.Request.Connection.Local.Address);
        var fitting = Math.Min(interfaces.Count, call.OutputMax / NetworkInterfaceAddress.Bytes);
        if (fitting == 0 && interfaces.Count > 0) return NtStatus.BufferTooSmall;

        var output = call.Reserve(fitting * NetworkInterfaceAddress.Bytes);
        for (var index = 0; index < fitting; index++)
        {
            interfaces[index].Write(
                output[(index * NetworkInterfaceAddress.Bytes)..], last: index == fitting - 1);
        }

        return fitting < interfaces.Count ? NtStatus.BufferOverflow : NtStatus.Success;
    }

    /// <summary>
    /// The addresses that lead here. The client has no use for the loopback of another machine, and one that came by the
    /// loopback for nothing else.
    /// </summary>
    private static List<NetworkInterfaceAddress> Interfaces(IPAddress reached)
    {
        var found = new List<NetworkInterfaceAddress>();
        foreach (var device in NetworkInterface.GetAllNetworkInterfaces())
        {
            var isLoopback = device.NetworkInterfaceType == NetworkInterfaceType.Loopback;
            if (device.OperationalStatus != OperationalStatus.Up && !isLoopback) continue;
            if (isLoopback != IPAddress.IsLoopback(reached)) continue;

            foreach (var unicast in device.GetIPProperties().UnicastAddresses)
            {
                var address = unicast.Address;
                if (address.IsIPv6LinkLocal || address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
                    continue;
                found.Add(new NetworkInterfaceAddress(
                    (uint)(found.Count + 1), NetworkInterfaceCapability.None, SpeedOf(device), address));
            }
        }

        return found;
    }

    /// <summary>Devices that do not say are taken for a gigabit.</summary>
    private static ulong SpeedOf(NetworkInterface device) => device.Speed > 0 ? (ulong)device.Speed : BitsPerSecond;

    /// <summary>MS-SMB2 3.3.5.15.2: there is no DFS here.</summary>
    private static NtStatus GetReferrals(IoctlCall call)
    {
        if (!call.Request.Tree.IsPipe) return NtStatus.InvalidDeviceRequest;
        return ReferralRequest.TryParse(call.Input.Span, out _) ? NtStatus.FsDriverRequired : NtStatus.InvalidParameter;
    }

    private static NtStatus GetReferralsExtended(IoctlCall call)
    {
        if (!call.Request.Tree.IsPipe) return NtStatus.InvalidDeviceRequest;
        return ReferralRequest.TryParseExtended(call.Input.Span, out _) ? NtStatus.FsDriverRequired : NtStatus.InvalidParameter;
    }
}
