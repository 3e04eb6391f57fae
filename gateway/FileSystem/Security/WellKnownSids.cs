namespace Gateway.FileSystem.Security;

/// <summary>The SIDs of MS-DTYP 2.4.2.4 that a file server meets.</summary>
public static class WellKnownSids
{
    /// <summary>NULL: matches nobody.</summary>
    public static Sid Nobody { get; } = new(0, 0);

    public static Sid Everyone { get; } = new(1, 0);

    /// <summary>Stands in an inheritable entry for the user who will create the child.</summary>
    public static Sid CreatorOwner { get; } = new(3, 0);

    /// <summary>Stands in an inheritable entry for the primary group of the user who will create the child.</summary>
    public static Sid CreatorGroup { get; } = new(3, 1);

    /// <summary>OWNER RIGHTS: what the owner, whoever that is, may do; takes the owner's implicit rights away.</summary>
    public static Sid OwnerRights { get; } = new(3, 4);

    public static Sid Network { get; } = new(5, 2);

    public static Sid Interactive { get; } = new(5, 4);

    public static Sid Anonymous { get; } = new(5, 7);

    public static Sid AuthenticatedUsers { get; } = new(5, 11);

    public static Sid LocalSystem { get; } = new(5, 18);

    /// <summary>BUILTIN, the domain of the groups every machine has.</summary>
    public static Sid Builtin { get; } = new(5, 32);

    public static Sid Administrators { get; } = new(5, 32, 544);

    public static Sid Users { get; } = new(5, 32, 545);

    public static Sid Guests { get; } = new(5, 32, 546);

    /// <summary>S-1-22-1: a UNIX user that no account stands for, the uid as relative identifier.</summary>
    public static Sid UnixUsers { get; } = new(22, 1);

    /// <summary>S-1-22-2: a UNIX group, the gid as relative identifier.</summary>
    public static Sid UnixGroups { get; } = new(22, 2);
}
