using Gateway.Replication.Owner;

namespace Gateway.Replication.Standby;

/// <summary>What a <see cref="VolumeSeat"/> is told.</summary>
public sealed record VolumeSeatOptions
{
    /// <summary>Longest name of a gateway, in bytes of UTF-8.</summary>
    public const int GatewayBytesMax = 64;

    public required ReplicationOptions Replication { get; init; }

    /// <summary>Name of this gateway, unlike that of any other of the cluster.</summary>
    public required string Gateway { get; init; }

    /// <summary>Where clients find the volume while this gateway owns it, for who looks for them.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>How long the control plane keeps this gateway's presences after its end; whole seconds.</summary>
    public TimeSpan PresenceTimeToLive { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// An owner without a lease that cannot find out either whether another gateway owns the volume stops after this long.
    /// </summary>
    public TimeSpan LeaseLostAfter { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a server may take to finish what it has begun.</summary>
    public TimeSpan ServerStopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">A value is out of its bounds; the message names it.</exception>
    public void Validate()
    {
        Replication.Validate();
        if (Gateway.Length == 0 || Gateway.Contains('/') || System.Text.Encoding.UTF8.GetByteCount(Gateway) > GatewayBytesMax)
            throw new ArgumentException($"'{Gateway}' is no name of a gateway.");
    }
}
