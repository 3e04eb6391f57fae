using System.Security.Cryptography;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Reads the volume's identity; in a new volume makes it, and the root directory.</summary>
internal sealed class FoundVolumeMutation : Mutation
{
    private readonly byte[] _secrets = RandomNumberGenerator.GetBytes(16 + HandleSeal.KeyBytes);

    public VolumeIdentity Identity { get; private set; } = new(Guid.Empty, new byte[HandleSeal.KeyBytes], 0);

    /// <summary>A full volume must open, so that something can be removed.</summary>
    public override bool FreesSpace => true;

    public override void Execute(MutationContext context)
    {
        if (context.TryGet(RowKeys.Volume, out var row))
        {
            Identity = VolumeIdentity.Read(row);
            return;
        }

        var clock = context.ClockNanoseconds;
        Identity = new VolumeIdentity(new Guid(_secrets.AsSpan(0, 16)), _secrets[16..], Inode.GenerationAt(clock));
        Span<byte> made = stackalloc byte[VolumeIdentity.Bytes];
        Identity.Write(made);
        context.Put(RowKeys.Volume, made);
        NodeRows.PutCounters(context, new Counters(NodeId.RootInode + 1, 1));
        NodeRows.Put(context, NodeId.RootInode, new Inode
        {
            Type = NodeType.Directory,
            Mode = TeamGroup.RootMode,
            Gid = TeamGroup.Gid,
            Generation = Identity.RootGeneration,
            Links = 2,
            Size = NodeSizes.DirectoryBytes,
            Used = NodeSizes.DirectoryBytes,
            Parent = NodeId.RootInode,
            NextCookie = FileSystemLimits.FirstEntryCookie,
            AccessTime = clock,
            ModifyTime = clock,
            ChangeTime = clock,
            BirthTime = clock,
        });
    }
}
