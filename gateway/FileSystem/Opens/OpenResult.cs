using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>Outcome of an open.</summary>
public readonly record struct OpenResult(FileStatus Status)
{
    /// <summary>Null unless the status is Ok.</summary>
    public Open? Open { get; init; }

    public OpenAction Action { get; init; }

    /// <summary>
    /// The node that was opened, with the size of the opened stream; for StoppedOnSymbolicLink the symbolic link.
    /// </summary>
    public NodeAttributes Attributes { get; init; }

    /// <summary>All rights the caller could have had (MS-SMB2 2.2.14.2.5).</summary>
    public AccessMask MaximalAccess { get; init; }

    /// <summary>StoppedOnSymbolicLink: names of the path behind the link.</summary>
    public int NamesLeft { get; init; }
}
