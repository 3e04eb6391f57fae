namespace Gateway.FileSystem.Opens;

/// <summary>
/// The name of a file that opens came by; they share it, so that a rename moves all of them. Deletion is of names, as
/// the file may have others (MS-FSA 2.1.1.5, Link.IsDeleted).
/// </summary>
internal sealed class OpenedName(NodeId directory, byte[] name)
{
    /// <summary>Both parts change at once.</summary>
    public Place Place { get; set; } = new(directory, name);

    /// <summary>Opens of any stream of the file that came by this name.</summary>
    public int Opens { get; set; }

    /// <summary>The name goes when its last open ends; nobody may open it any more.</summary>
    public bool DeletePending { get; set; }

    /// <summary>Completes when the name is gone; not null while its last open takes it away.</summary>
    public Task? Removal { get; set; }
}

internal sealed record Place(NodeId Directory, byte[] Name)
{
    public bool Is(NodeId directory, ReadOnlySpan<byte> name) =>
        Directory == directory && Name.AsSpan().SequenceEqual(name);
}
