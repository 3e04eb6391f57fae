using Gateway.Smb;

namespace Gateway.Hosting;

/// <summary>What a gateway is told about SMB.</summary>
internal sealed record SmbOptions
{
    public const int StandardPort = 445;

    /// <summary>Where the standard port is not ours to take.</summary>
    public const int SparePort = 4450;

    /// <summary>Null: the standard port where the process may and can take it, otherwise the spare one. 0: no SMB.</summary>
    public int? Port { get; init; }

    public IReadOnlyList<ShareOptions> Shares { get; init; } = [];

    public bool SigningRequired { get; init; } = true;

    public EncryptionPolicy Encryption { get; init; }

    public bool AllowsAnonymousList { get; init; }

    /// <summary>FSCTL_SMBTORTURE is offered: only for test suites.</summary>
    public bool OffersTestControls { get; init; }
}

/// <summary>One shared directory, as the configuration says it.</summary>
internal sealed record ShareOptions
{
    /// <summary>What clients connect to: <c>\\server\name</c>.</summary>
    public string Name { get; init; } = "";

    public string Volume { get; init; } = GatewayProcess.VolumeName;

    /// <summary>What a volume gets of which the configuration says nothing: a share of its own name.</summary>
    public static ShareOptions Default(string volume) => new() { Name = volume, Volume = volume };

    /// <summary>Whether clients get the same by both: all but the comment, which is for people.</summary>
    public bool GivesTheSameAs(ShareOptions other) =>
        this with { Comment = other.Comment, Hide = other.Hide } == other && Hide.SequenceEqual(other.Hide);

    /// <summary>Directory of the volume that is shared; empty for its root.</summary>
    public string Directory { get; init; } = "";

    public string Comment { get; init; } = "";

    public bool ReadOnly { get; init; }

    /// <summary>Only encrypted requests are let in.</summary>
    public bool Encrypt { get; init; }

    /// <summary>A WRITE is acknowledged before it is durable, as local disks do; FLUSH makes it durable.</summary>
    public bool WriteBack { get; init; }

    /// <summary>Opens of clients that ask for it outlive the gateway; not together with <see cref="WriteBack"/>.</summary>
    public bool Continuous { get; init; }

    /// <summary>Names that match one of these patterns are shown as hidden files.</summary>
    public IReadOnlyList<string> Hide { get; init; } = [];

    /// <summary>Files have named streams.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>Listings show only what the user may read.</summary>
    public bool AccessBased { get; init; }

    /// <summary>Access control lists keep the mark that they were inherited even where a client sets it by itself.</summary>
    public bool KeepInherited { get; init; }

    /// <summary>Clients that say they are macOS get what the Finder asks for.</summary>
    public bool MacOS { get; init; } = true;

    /// <summary>macOS may offer the share for backups by Time Machine.</summary>
    public bool TimeMachine { get; init; } = true;
}
