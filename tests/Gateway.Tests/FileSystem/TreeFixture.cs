using System.Buffers;
using System.Text;
using Gateway.FileSystem;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.FileSystem;

/// <summary>A file tree over a volume in memory, and short forms of what tests do with it.</summary>
public abstract class TreeFixture
{
    protected static readonly Caller Root = Caller.Root;
    protected static readonly Caller Alice = new(1000, 100);
    protected static readonly Caller Bob = new(1001, 101);

    private readonly List<FileTree> _opened = [];

    protected MemoryVolumeStore Store { get; private set; } = new();

    protected FileTree Tree { get; private set; } = null!;

    protected virtual TimeProvider Clock => TimeProvider.System;

    protected virtual FileTreeOptions Options { get; } = new() { BackgroundPeriod = TimeSpan.Zero };

    [SetUp]
    public async Task OpenTree()
    {
        Store = new MemoryVolumeStore();
        Tree = await ReopenAsync();
    }

    [TearDown]
    public async Task CloseTrees()
    {
        foreach (var tree in _opened) await tree.DisposeAsync();
        _opened.Clear();
        Assert.That(Store.OpenSnapshots, Is.Zero, "a snapshot was left open");
    }

    /// <summary>Another process opens the same volume.</summary>
    protected async Task<FileTree> ReopenAsync()
    {
        Tree = await FileTree.OpenAsync(Store, Options, Clock, NullLogger.Instance);
        _opened.Add(Tree);
        return Tree;
    }

    /// <summary>The process that has the volume open ends.</summary>
    protected async Task CloseTreeAsync()
    {
        _opened.Remove(Tree);
        await Tree.DisposeAsync();
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static AttributeChanges Mode(uint mode) => new() { Mode = mode };

    protected async Task<NodeId> CreateAsync(
        NodeId directory, string name, Caller caller = default, uint mode = 0x1A4) =>
        Made(await Tree.CreateAsync(directory, Bytes(name), CreateMode.Guarded, Mode(mode), 0, caller));

    protected async Task<NodeId> MakeDirectoryAsync(
        NodeId directory, string name, Caller caller = default, uint mode = 0x1ED) =>
        Made(await Tree.MakeDirectoryAsync(directory, Bytes(name), Mode(mode), caller));

    protected static NodeId Made(ChangeResult result)
    {
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        return result.Node.After!.Value.Node;
    }

    protected async Task<NodeAttributes> AttributesAsync(NodeId node)
    {
        var result = await Tree.GetAttributesAsync(node);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        return result.Attributes;
    }

    protected async Task<FileStatus> LookupStatusAsync(NodeId directory, string name, Caller caller = default) =>
        (await Tree.LookupAsync(directory, Bytes(name), caller)).Status;

    protected async Task<NodeId> FindAsync(NodeId directory, string name)
    {
        var result = await Tree.LookupAsync(directory, Bytes(name), Root);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok), name);
        return result.Attributes.Node;
    }

    protected async Task<WriteResult> WriteAsync(
        NodeId node, long offset, byte[] bytes, WriteStability stability = WriteStability.FileSync,
        Caller caller = default) =>
        await Tree.WriteAsync(
            node, offset, new ReadOnlySequence<byte>(bytes), stability, caller, DataAccess.OwnerOverride);

    protected async Task<byte[]> ReadAsync(NodeId node, long offset, int count)
    {
        var buffer = new byte[count];
        Array.Fill(buffer, (byte)0xEE);
        var result = await Tree.ReadAsync(node, offset, buffer, Root, DataAccess.OwnerOverride);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        return buffer[..result.Bytes];
    }

    protected async Task<List<(string Name, ulong Cookie)>> ListAsync(
        NodeId directory, ulong cookie = 0, int max = int.MaxValue)
    {
        var visitor = new NameVisitor(max);
        var result = await Tree.ReadDirectoryAsync(directory, cookie, visitor, Root);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        return visitor.Names;
    }

    /// <summary>Number of rows of the volume: what is removed whole leaves it as it was.</summary>
    protected long CountRows()
    {
        using var rows = Store.OpenSnapshot();
        return rows.Count;
    }

    protected static async Task OkAsync(ValueTask<ChangeResult> change) =>
        Assert.That((await change).Status, Is.EqualTo(FileStatus.Ok));

    protected static async Task OkAsync(ValueTask<FileStatus> change) =>
        Assert.That(await change, Is.EqualTo(FileStatus.Ok));

    protected async Task<WalkResult> WalkAsync(NodeId start, params string[] names) =>
        await Tree.WalkAsync(
            start, [.. names.Select(name => (ReadOnlyMemory<byte>)Bytes(name))], NameMatch.IgnoreCase, null);

    protected async Task<NodeId> MakeStreamAsync(NodeId file, string name, byte[] content)
    {
        var made = await Tree.MakeStreamAsync(file, Bytes(name), Root);
        Assert.That(made.Status, Is.EqualTo(FileStatus.Ok));
        if (content.Length > 0) await WriteAsync(made.Attributes.Node, 0, content);
        return made.Attributes.Node;
    }

    protected static byte[] Pattern(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected sealed class NameVisitor(int max, bool attributes = false) : DirectoryVisitor
    {
        public List<(string Name, ulong Cookie)> Names { get; } = [];

        public List<NodeAttributes> Attributes { get; } = [];

        public override bool WantsAttributes => attributes;

        public override bool Visit(in DirectoryEntry entry)
        {
            if (Names.Count == max) return false;
            Names.Add((Encoding.UTF8.GetString(entry.Name), entry.Cookie));
            if (entry.Attributes is { } known) Attributes.Add(known);
            return true;
        }
    }
}
