using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Makes written bytes the content of a file: fragments of a slice that is durable already, or of bytes that ride in
/// the rows.
/// Covers what was there. A write that covers too many extents takes several runs, each bounded.
/// </summary>
internal sealed class AttachMutation(FileTree tree, NodeId node, FragmentList fragments) : Mutation
{
    private const int InlineRowBytesMax = 32 << 10;

    private readonly List<Extent> _scratch = [];
    private int _next;
    private int _within;
    private bool _referenced;

    public NodeId Node => node;

    public int Pieces => fragments.Count;

    /// <summary>The slice, or null when the bytes are <see cref="Inline"/>.</summary>
    public SliceRef? Slice { get; init; }

    public ReadOnlyMemory<byte> Inline { get; init; }

    /// <summary>
    /// The epoch in which the bytes were taken. In another one they are lost, and the write verifier says so.
    /// </summary>
    public required ulong Epoch { get; init; }

    /// <summary>Time that was shown for the write already; 0 takes the record clock.</summary>
    public long Time { get; init; }

    public bool ClearsPrivileges { get; init; }

    /// <summary>What clients are told as the change time stays as it is.</summary>
    public bool KeepsDeclared { get; init; }

    /// <summary>True when the same bytes may have been attached by an attempt whose outcome was not known.</summary>
    public bool Retried { get; init; }

    public FileStatus Status { get; private set; }

    /// <summary>True when all fragments are part of the file, or never will be.</summary>
    public bool Done { get; private set; }

    /// <summary>True when an earlier cut of the file must end first.</summary>
    public bool MustReclaim { get; private set; }

    public NodeChange File { get; private set; }

    public override void Execute(MutationContext context)
    {
        MustReclaim = false;
        Status = FileStatus.Ok;
        if (context.Epoch != Epoch)
        {
            Status = FileStatus.Unavailable;
            Done = true;
            return;
        }

        if (!NodeRows.TryGet(context, node, out var inode) || !inode.IsFile)
        {
            Status = FileStatus.Stale;
            Done = true;
            Abandon(context);
            return;
        }

        MustReclaim = (inode.Flags & InodeFlags.Cutting) != 0 && fragments.End > inode.Size;
        if (MustReclaim) return;

        var before = inode.Before();
        Apply(context, ref inode);
        File = new NodeChange(before, tree.Describe(node.Inode, inode));
    }

    private void Apply(MutationContext context, ref Inode inode)
    {
        inode.DataVersion++;
        var budget = ExtentRows.ExtentsPerMutationMax;
        var put = 0;
        while (_next < fragments.Count && budget > 0) put += PutNext(context, ref inode, ref budget);

        if (Slice is { } slice && put > 0)
        {
            ExtentRows.AddReferences(context, slice, put, first: !_referenced);
            _referenced = true;
        }

        Done = _next == fragments.Count;
        var written = inode.ModifyTime;
        if (Time == 0) inode.TouchContent(context.ClockNanoseconds, KeepsDeclared);
        else Stamp(ref inode);
        if (tree.Opens.KeepsWriteTime(node.Inode)) inode.ModifyTime = written;
        if (ClearsPrivileges) inode.Mode = Permissions.WithoutPrivileges(inode.Mode);
        NodeRows.Put(context, node.Inode, inode);
        if (inode.IsStream) StreamRows.TouchFile(context, inode, KeepsDeclared);
    }

    private void Stamp(ref Inode inode)
    {
        inode.ModifyTime = Time;
        inode.Dos |= DosAttributes.Archive;
        inode.StampChange(Math.Max(inode.ChangeTime, Time), KeepsDeclared);
    }

    private int PutNext(MutationContext context, ref Inode inode, ref int budget)
    {
        var fragment = fragments[_next];
        var from = fragment.Start + _within;
        var to = fragment.End;
        budget--;
        if (SkipApplied(context, from)) return 0;
        if (from < inode.Size)
            to = ExtentRows.Clear(context, node.Inode, ref inode, from, to, ref budget, _scratch);
        if (to == from) return 0;

        var offset = fragment.Offset + _within;
        var length = (int)(to - from);
        if (Slice is { } slice)
        {
            var extent = new Extent { End = to, Length = length, Slice = slice, SliceOffset = offset };
            ExtentRows.PutSlice(context, node.Inode, ref inode, extent);
        }
        else
        {
            PutInline(context, ref inode, from, Inline.Span.Slice(offset, length));
        }

        inode.Size = Math.Max(inode.Size, to);
        Advance(length);
        return 1;
    }

    private void PutInline(MutationContext context, ref Inode inode, long start, ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, InlineRowBytesMax)..])
        {
            var part = bytes[..Math.Min(bytes.Length, InlineRowBytesMax)];
            ExtentRows.PutInline(context, node.Inode, ref inode, start, part);
            start += part.Length;
        }
    }

    /// <summary>
    /// An earlier attempt may have attached this already; its outcome was not known. Nothing else can have written
    /// there since, as writes of the file wait for this one.
    /// </summary>
    private bool SkipApplied(MutationContext context, long from)
    {
        if (!Retried || Slice is not { } slice) return false;

        _scratch.Clear();
        ExtentRows.Collect(context, node.Inode, from, from + 1, 1, _scratch);
        if (_scratch.Count == 0 || _scratch[0].IsInline || _scratch[0].Slice.Id != slice.Id) return false;

        _referenced = true;
        Advance((int)(Math.Min(_scratch[0].End, fragments[_next].End) - from));
        return true;
    }

    private void Advance(int length)
    {
        _within += length;
        if (_within < fragments[_next].Length) return;

        _next++;
        _within = 0;
    }

    /// <summary>The file is gone; a slice that no row ever meant goes too.</summary>
    private void Abandon(MutationContext context)
    {
        if (Slice is not { } slice || _referenced || Retried) return;

        _referenced = true;
        context.Reference(slice);
        context.Discard(slice);
    }
}
