using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// The create contexts of a CREATE request that the server knows, MS-SMB2 2.2.13.2. Unknown ones are counted and
/// otherwise ignored.
/// </summary>
/// <remarks>
/// A chain of more than <see cref="CountMax"/> contexts is refused; when a name occurs twice the later one counts. The
/// lists of extended attributes and the security descriptor are copied and stay unread.
/// </remarks>
public sealed record CreateContexts
{
    /// <summary>Clients send at most a dozen.</summary>
    public const int CountMax = 64;

    public static readonly CreateContexts None = new();

    /// <summary>Contexts in the chain, the unknown ones included.</summary>
    public int Count { get; private set; }

    /// <summary>MxAc: the time stamp of the request; zero when it has none. Null when the maximal access was not asked for.</summary>
    public ulong? MaximalAccessTimestamp { get; set; }

    /// <summary>QFid.</summary>
    public bool QueryOnDiskId { get; set; }

    /// <summary>DHnQ.</summary>
    public bool DurableRequest { get; set; }

    /// <summary>DHnC.</summary>
    public FileId? DurableReconnect { get; set; }

    /// <summary>DH2Q.</summary>
    public DurableRequestV2? DurableRequestV2 { get; set; }

    /// <summary>DH2C.</summary>
    public DurableReconnectV2? DurableReconnectV2 { get; set; }

    /// <summary>RqLs.</summary>
    public LeaseContext? Lease { get; set; }

    /// <summary>AlSi, in bytes.</summary>
    public ulong? AllocationSize { get; set; }

    /// <summary>TWrp: the FILETIME of the snapshot to open.</summary>
    public ulong? Snapshot { get; set; }

    /// <summary>ExtA: a list of FILE_FULL_EA_INFORMATION.</summary>
    public byte[]? ExtendedAttributes { get; set; }

    /// <summary>SecD: a self-relative security descriptor.</summary>
    public byte[]? SecurityDescriptor { get; set; }

    /// <summary>AAPL.</summary>
    public AppleQuery? Apple { get; set; }

    /// <summary>SMB2_CREATE_APP_INSTANCE_ID.</summary>
    public Guid? AppInstanceId { get; set; }

    /// <summary>SMB2_CREATE_APP_INSTANCE_VERSION, high and low.</summary>
    public (ulong High, ulong Low)? AppInstanceVersion { get; set; }

    /// <summary>False for a broken chain and for a known context of a wrong length.</summary>
    public static bool TryParse(ReadOnlySpan<byte> chain, out CreateContexts contexts)
    {
        contexts = None;
        if (chain.IsEmpty)
            return true;
        var parsed = new CreateContexts();
        while (!chain.IsEmpty)
        {
            if (parsed.Count == CountMax || !CreateContext.TryTake(ref chain, out var context))
                return false;
            parsed.Count++;
            if (!parsed.TryAdd(context))
                return false;
        }

        contexts = parsed;
        return true;
    }

    /// <summary>The chain of all contexts that are set.</summary>
    public byte[] ToBytes()
    {
        var chain = new ChainBuilder();
        if (ExtendedAttributes is { } attributes)
            attributes.CopyTo(chain.Add(CreateContextNames.ExtendedAttributes, attributes.Length));
        if (SecurityDescriptor is { } descriptor)
            descriptor.CopyTo(chain.Add(CreateContextNames.SecurityDescriptor, descriptor.Length));
        if (MaximalAccessTimestamp is { } timestamp)
            WriteTimestamp(chain, timestamp);
        if (QueryOnDiskId)
            chain.Add(CreateContextNames.QueryOnDiskId, 0);
        WriteDurable(chain);
        if (Lease is { } lease)
            lease.Write(chain.Add(CreateContextNames.Lease, lease.Bytes));
        if (AllocationSize is { } size)
            BinaryPrimitives.WriteUInt64LittleEndian(chain.Add(CreateContextNames.AllocationSize, sizeof(ulong)), size);
        if (Snapshot is { } snapshot)
            BinaryPrimitives.WriteUInt64LittleEndian(chain.Add(CreateContextNames.TimewarpToken, sizeof(ulong)), snapshot);
        Apple?.Write(chain.Add(CreateContextNames.Apple, AppleQuery.Bytes));
        WriteInstance(chain);
        return chain.ToArray();
    }

    private bool TryAdd(CreateContext context) => context.Name.Length switch
    {
        4 => TryAddNamed(context.Name, context.Data),
        16 => TryAddInstance(context.Name, context.Data),
        _ => true,
    };

    private bool TryAddNamed(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (name.SequenceEqual(CreateContextNames.MaximalAccess))
            return TryReadTimestamp(data);
        if (name.SequenceEqual(CreateContextNames.QueryOnDiskId))
            return QueryOnDiskId = data.IsEmpty;
        if (name.SequenceEqual(CreateContextNames.AllocationSize))
            return (AllocationSize = ReadNumber(data)) is not null;
        if (name.SequenceEqual(CreateContextNames.TimewarpToken))
            return (Snapshot = ReadNumber(data)) is not null;
        if (name.SequenceEqual(CreateContextNames.Lease))
            return LeaseContext.TryParse(data, out var lease) && (Lease = lease) is not null;
        if (name.SequenceEqual(CreateContextNames.Apple))
            return AppleQuery.TryParse(data, out var query) && (Apple = query) is not null;
        if (name.SequenceEqual(CreateContextNames.ExtendedAttributes))
            return (ExtendedAttributes = data.ToArray()) is not null;
        if (name.SequenceEqual(CreateContextNames.SecurityDescriptor))
            return (SecurityDescriptor = data.ToArray()) is not null;
        return TryAddDurable(name, data);
    }

    private bool TryAddDurable(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (name.SequenceEqual(CreateContextNames.DurableRequest))
            return DurableRequest = data.Length == FileId.Bytes;
        if (name.SequenceEqual(CreateContextNames.DurableRequestV2))
        {
            return Smb2.DurableRequestV2.TryParse(data, out var request) && (DurableRequestV2 = request) is not null;
        }

        if (name.SequenceEqual(CreateContextNames.DurableReconnectV2))
        {
            return Smb2.DurableReconnectV2.TryParse(data, out var reconnect)
                && (DurableReconnectV2 = reconnect) is not null;
        }

        if (!name.SequenceEqual(CreateContextNames.DurableReconnect))
            return true;
        if (data.Length != FileId.Bytes)
            return false;
        DurableReconnect = FileId.Read(data);
        return true;
    }

    /// <summary>
    /// MS-SMB2 2.2.13.2.13 and .15: StructureSize 20 or 24, 2 bytes reserved (4 with the padding of the version), then
    /// the values.
    /// </summary>
    private bool TryAddInstance(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (name.SequenceEqual(CreateContextNames.AppInstanceId))
        {
            if (data.Length != 20 || BinaryPrimitives.ReadUInt16LittleEndian(data) != 20)
                return false;
            AppInstanceId = new Guid(data[4..]);
        }
        else if (name.SequenceEqual(CreateContextNames.AppInstanceVersion))
        {
            if (data.Length != 24 || BinaryPrimitives.ReadUInt16LittleEndian(data) != 24)
                return false;
            AppInstanceVersion = (
                BinaryPrimitives.ReadUInt64LittleEndian(data[8..]), BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
        }

        return true;
    }

    private bool TryReadTimestamp(ReadOnlySpan<byte> data)
    {
        MaximalAccessTimestamp = data.IsEmpty ? 0 : ReadNumber(data);
        return MaximalAccessTimestamp is not null;
    }

    private static ulong? ReadNumber(ReadOnlySpan<byte> data) =>
        data.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(data) : null;

    private static void WriteTimestamp(ChainBuilder chain, ulong timestamp)
    {
        var data = chain.Add(CreateContextNames.MaximalAccess, timestamp == 0 ? 0 : sizeof(ulong));
        if (timestamp != 0)
            BinaryPrimitives.WriteUInt64LittleEndian(data, timestamp);
    }

    private void WriteDurable(ChainBuilder chain)
    {
        if (DurableRequest)
            chain.Add(CreateContextNames.DurableRequest, FileId.Bytes);
        DurableReconnect?.Write(chain.Add(CreateContextNames.DurableReconnect, FileId.Bytes));
        DurableRequestV2?.Write(chain.Add(CreateContextNames.DurableRequestV2, Smb2.DurableRequestV2.Bytes));
        DurableReconnectV2?.Write(chain.Add(CreateContextNames.DurableReconnectV2, Smb2.DurableReconnectV2.Bytes));
    }

    private void WriteInstance(ChainBuilder chain)
    {
        if (AppInstanceId is { } id)
        {
            var data = chain.Add(CreateContextNames.AppInstanceId, 20);
            BinaryPrimitives.WriteUInt16LittleEndian(data, 20);
            id.TryWriteBytes(data[4..]);
        }

        if (AppInstanceVersion is { } version)
        {
            var data = chain.Add(CreateContextNames.AppInstanceVersion, 24);
            BinaryPrimitives.WriteUInt16LittleEndian(data, 24);
            BinaryPrimitives.WriteUInt64LittleEndian(data[8..], version.High);
            BinaryPrimitives.WriteUInt64LittleEndian(data[16..], version.Low);
        }
    }

    /// <summary>Appends contexts, and links each to the one before.</summary>
    internal sealed class ChainBuilder
    {
        private readonly List<byte> _bytes = [];
        private int _last = -1;

        public Span<byte> Add(ReadOnlySpan<byte> name, int dataBytes)
        {
            var start = _bytes.Count;
            CollectionsMarshal.SetCount(
                _bytes, start + CreateContext.Bytes(name.Length, dataBytes));
            var all = CollectionsMarshal.AsSpan(_bytes);
            if (_last >= 0)
                BinaryPrimitives.WriteInt32LittleEndian(all[_last..], start - _last);
            _last = start;
            return CreateContext.Write(all[start..], name, dataBytes, last: true);
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
