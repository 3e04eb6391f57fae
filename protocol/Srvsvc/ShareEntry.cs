using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>A share as SHARE_INFO_0, 1, 2, 501, 502, 503, 1004, 1005 and 1006 tell it, MS-SRVS 2.2.4.22 to 2.2.4.31.</summary>
public sealed record ShareEntry : INdrEntry
{
    /// <summary>MaxUses without a limit.</summary>
    private const uint Unlimited = uint.MaxValue;

    public required string Name { get; init; }

    public required ShareKind Kind { get; init; }

    public string Remark { get; init; } = "";

    /// <summary>Shown in lists; without it, the share is found by its name only.</summary>
    public bool IsListed { get; init; } = true;

    /// <summary>A path on the server; for the eyes of administrators of servers that have drives.</summary>
    public string Path { get; init; } = "";

    public uint CurrentUses { get; init; }

    public ShareOptions Options { get; init; }

    /// <summary>True for levels that who has no name is told of all shares: names, kinds and remarks.</summary>
    public static bool IsListPublic(uint level) => level is 0 or 1;

    /// <summary>True for levels that who has no name is told of a share he knows.</summary>
    public static bool IsPublic(uint level) => level is 0 or 1 or 501 or 1005;

    /// <summary>True for levels that NetrShareEnumSticky knows, MS-SRVS 3.1.4.9.</summary>
    public static bool IsEnumerableSticky(uint level) => level is 0 or 1 or 2 or 502 or 503;

    /// <summary>True for levels that an enumeration may ask for.</summary>
    public static bool IsEnumerable(uint level) => level is 0 or 1 or 2 or 501 or 502 or 503 or 1005;

    /// <summary>True for levels of a single share.</summary>
    public static bool IsKnown(uint level) => IsEnumerable(level) || level is 1004 or 1006;

    public int Bytes(uint level) => 64 + (2 * (Name.Length + Remark.Length + Path.Length));

    public void WriteFixed(NdrWriter writer, uint level)
    {
        switch (level)
        {
            case 1004:
                writer.WritePointer();
                return;
            case 1005:
                writer.WriteUInt32((uint)Options);
                return;
            case 1006:
                writer.WriteUInt32(Unlimited);
                return;
        }

        writer.WritePointer();
        if (level == 0) return;

        writer.WriteUInt32((uint)Kind);
        writer.WritePointer();
        if (level == 501) writer.WriteUInt32((uint)(Options & ShareOptions.NoCaching));
        if (level is 1 or 501) return;

        // Permissions are of share-level security, which no server has any more; and there is no password.
        writer.WriteUInt32(0);
        writer.WriteUInt32(Unlimited);
        writer.WriteUInt32(CurrentUses);
        writer.WritePointer();
        writer.WritePointer(false);
        if (level == 503) writer.WritePointer();
        if (level is not (502 or 503)) return;

        // No security descriptor of the share: the files decide.
        writer.WriteUInt32(0);
        writer.WritePointer(false);
    }

    public void WritePointees(NdrWriter writer, uint level)
    {
        if (level is 1005 or 1006) return;
        if (level == 1004)
        {
            writer.WriteString(Remark);
            return;
        }

        writer.WriteString(Name);
        if (level == 0) return;

        writer.WriteString(Remark);
        if (level is 1 or 501) return;

        writer.WriteString(Path);
        if (level == 503) writer.WriteString("*");
    }
}

/// <summary>Share types, MS-SRVS 2.2.2.4.</summary>
[Flags]
public enum ShareKind : uint
{
    Disk = 0,
    Pipe = 3,

    /// <summary>Not shown to users: IPC$ and every name that ends in a dollar sign.</summary>
    Special = 0x80000000,
}

/// <summary>shi1005_flags, MS-SRVS 2.2.4.29.</summary>
[Flags]
public enum ShareOptions : uint
{
    None = 0,

    /// <summary>CSC_CACHE_NONE: nothing may be kept offline. Without it, what the user picks.</summary>
    NoCaching = 0x30,
    AccessBasedEnumeration = 0x800,
    EncryptData = 0x8000,
}
