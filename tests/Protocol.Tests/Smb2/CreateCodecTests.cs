using System.Buffers.Binary;
using System.Text;
using Gateway.Protocol.Smb2;

namespace Gateway.Protocol.Tests.Smb2;

/// <summary>CREATE with its contexts, CLOSE and OPLOCK_BREAK: both directions, cut short, and damaged.</summary>
[TestFixture]
internal sealed class CreateCodecTests
{
    private static readonly FileId File = new(0x1122334455667788, 0x99AABBCCDDEEFF00);

    private static readonly Guid Key = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly OpenAttributes Attributes = new()
    {
        CreationTime = 1,
        LastAccessTime = 2,
        LastWriteTime = 3,
        ChangeTime = 4,
        AllocationSize = 5 << 12,
        EndOfFile = 6,
        FileAttributes = Smb2FileAttributes.Archive,
    };

    [Test]
    public void CreateRequestGoesRound()
    {
        var contexts = EveryContext();
        var message = Message(Encoding.Unicode.GetBytes("dir\\file"), contexts.ToBytes());

        Assert.That(CreateRequest.TryParse(message, out var read), Is.True);
        Assert.That(Encoding.Unicode.GetString(read.Name), Is.EqualTo("dir\\file"));
        Assert.That(read.OplockLevel, Is.EqualTo(Smb2OplockLevel.Lease));
        Assert.That(read.ImpersonationLevel, Is.EqualTo(ImpersonationLevel.Impersonation));
        Assert.That(read.DesiredAccess, Is.EqualTo(0x80000000));
        Assert.That(read.FileAttributes, Is.EqualTo(Smb2FileAttributes.Hidden));
        Assert.That(read.ShareAccess, Is.EqualTo(ShareAccess.All));
        Assert.That(read.Disposition, Is.EqualTo(CreateDisposition.OpenIf));
        Assert.That(read.Options, Is.EqualTo(CreateOptions.NonDirectoryFile));
        Assert.That(CreateContexts.TryParse(read.Contexts, out var parsed), Is.True);
        Assert.That(parsed.Count, Is.EqualTo(14));
        Assert.That(parsed.ToBytes(), Is.EqualTo(contexts.ToBytes()));
        for (var length = 0; length < message.Length; length++)
        {
            var isWhole = CreateRequest.TryParse(message.AsSpan(0, length), out var cut)
                && CreateContexts.TryParse(cut.Contexts, out _);
            Assert.That(isWhole, Is.False, $"{length} bytes");
        }
    }

    [Test]
    public void NameOfTheRootIsEmpty()
    {
        var message = Message([], []);
        Assert.That(CreateRequest.TryParse(message, out var read), Is.True);
        Assert.That(read.Name.IsEmpty && read.Contexts.IsEmpty, Is.True);
    }

    [TestCase(44, 0u, TestName = "Name in the header")]
    [TestCase(44, 0xFFFFu, TestName = "Name behind the end")]
    [TestCase(46, 0xFFFFu, TestName = "Name too long")]
    [TestCase(46, 7u, TestName = "Half a character")]
    public void BadNamesAreRefused(int field, uint value)
    {
        var message = Message(Encoding.Unicode.GetBytes("file"), []);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(Smb2Header.Bytes + field), (ushort)value);
        Assert.That(CreateRequest.TryParse(message, out _), Is.False);
    }

    [TestCase(48, 0u)]
    [TestCase(48, 0xFFFFFFFFu)]
    [TestCase(52, 0xFFFFFFFFu)]
    public void ContextsOutsideOfTheMessageAreRefused(int field, uint value)
    {
        var message = Message([], EveryContext().ToBytes());
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(Smb2Header.Bytes + field), value);
        Assert.That(CreateRequest.TryParse(message, out _), Is.False);
    }

    [TestCase(0, 8u, TestName = "Next inside of the context")]
    [TestCase(0, 25u, TestName = "Next not aligned")]
    [TestCase(0, 0xFFFFFFF8u, TestName = "Next behind the end")]
    [TestCase(4, 0x0004000Cu, TestName = "Name in the fixed part")]
    [TestCase(4, 0x00030010u, TestName = "Name of three bytes")]
    [TestCase(4, 0xFFFF0010u, TestName = "Name behind the end")]
    [TestCase(8, 0x00100000u, TestName = "Data over the name")]
    [TestCase(8, 0xFFF80000u, TestName = "Data behind the end")]
    [TestCase(12, 0xFFFFFFFFu, TestName = "Data too long")]
    public void BadChainsAreRefused(int field, uint value)
    {
        var chain = new CreateContexts { AllocationSize = 1, QueryOnDiskId = true }.ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(chain.AsSpan(chain.Length - 32 + field), value);
        Assert.That(CreateContexts.TryParse(chain, out _), Is.False);
    }

    [Test]
    public void ChainsAreBounded()
    {
        var one = new byte[24];
        CreateContext.Write(one, "FooO"u8, 0, last: false);
        Assert.That(CreateContexts.TryParse(Repeat(one, CreateContexts.CountMax), out var most), Is.True);
        Assert.That(most.Count, Is.EqualTo(CreateContexts.CountMax));
        Assert.That(CreateContexts.TryParse(Repeat(one, CreateContexts.CountMax + 1), out _), Is.False);
    }

    [Test]
    public void KnownContextsHaveOneLength([Values("MxAc", "QFid", "AlSi", "TWrp", "RqLs", "DHnQ", "DHnC", "DH2Q", "DH2C", "AAPL")] string name)
    {
        var chain = new byte[48];
        CreateContext.Write(chain, Encoding.ASCII.GetBytes(name), 9, last: true);
        Assert.That(CreateContexts.TryParse(chain, out _), Is.False);
    }

    [Test]
    public void DamageNeverThrows()
    {
        var message = Message(Encoding.Unicode.GetBytes("dir\\file"), EveryContext().ToBytes());
        Smb2Message.AssertNothingThrows(
            message,
            bytes => CreateRequest.TryParse(bytes, out var read) && CreateContexts.TryParse(read.Contexts, out _));
    }

    [Test]
    public void CreateResponseGoesRound()
    {
        var response = new CreateResponse
        {
            OplockLevel = Smb2OplockLevel.Lease,
            Action = CreateAction.Overwritten,
            Attributes = Attributes,
            File = File,
            MaximalAccess = (NtStatus.Success, 0x1F01FF),
            OnDiskId = (7, 8),
            IsDurable = true,
            DurableV2 = new DurableGrantV2(60_000, DurableFlags.None),
            Lease = Lease(2),
            Apple = new AppleAnswer
            {
                Bitmap = AppleBitmap.ServerCapabilities | AppleBitmap.VolumeCapabilities | AppleBitmap.ModelInfo,
                Server = AppleCapabilities.UnixBased,
                Volume = AppleVolumeCapabilities.FullSync,
                Model = "Model",
            },
        };
        var message = Smb2Message.Of(response.ToBytes());

        Assert.That(CreateResponse.TryParse(message, out var read), Is.True);
        Assert.That(read, Is.EqualTo(response));
        Smb2Message.AssertTruncations(message, bytes => CreateResponse.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void PlainCreateResponseHasNoBuffer()
    {
        var response = new CreateResponse
        {
            OplockLevel = Smb2OplockLevel.None,
            Action = CreateAction.Opened,
            Attributes = Attributes,
            File = File,
        };
        Assert.That(response.ToBytes(), Has.Length.EqualTo(88));
        Assert.That(CreateResponse.TryParse(Smb2Message.Of(response.ToBytes()), out var read), Is.True);
        Assert.That(read, Is.EqualTo(response));
    }

    [Test]
    public void LeasesOfBothVersionsGoRound([Values(1, 2)] int version)
    {
        var data = new byte[Lease(version).Bytes];
        Lease(version).Write(data);
        Assert.That(LeaseContext.TryParse(data, out var read), Is.True);
        Assert.That(read, Is.EqualTo(Lease(version)));
    }

    [Test]
    public void CloseGoesRound([Values] bool queryAttributes)
    {
        var body = new byte[CloseRequest.BodyBytes];
        new CloseRequest(File, queryAttributes).Write(body);
        Assert.That(CloseRequest.TryParse(Smb2Message.Of(body), out var read), Is.True);
        Assert.That(read, Is.EqualTo(new CloseRequest(File, queryAttributes)));
        Smb2Message.AssertTruncations(Smb2Message.Of(body), bytes => CloseRequest.TryParse(bytes, out _), Smb2Header.Bytes + 24);

        var response = new CloseResponse { Attributes = queryAttributes ? Attributes : null };
        body = new byte[CloseResponse.BodyBytes];
        response.Write(body);
        Assert.That(CloseResponse.TryParse(Smb2Message.Of(body), out var answered), Is.True);
        Assert.That(answered, Is.EqualTo(response));
        Smb2Message.AssertTruncations(Smb2Message.Of(body), bytes => CloseResponse.TryParse(bytes, out _), Smb2Header.Bytes + 60);
    }

    [Test]
    public void OplockBreakGoesRound()
    {
        var body = new byte[OplockBreak.BodyBytes];
        var oplock = new OplockBreak(Smb2OplockLevel.LevelII, File);
        oplock.Write(body);
        var message = Smb2Message.Of(body);
        Assert.That(OplockBreak.TryParse(message, out var read), Is.True);
        Assert.That(read, Is.EqualTo(oplock));
        Assert.That(LeaseBreak.TryParse(message, out _), Is.False);
        Smb2Message.AssertTruncations(message, bytes => OplockBreak.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void LeaseBreakGoesRound()
    {
        var body = new byte[LeaseBreak.BodyBytes];
        new LeaseBreak(Key, Smb2LeaseState.Read).Write(body);
        var message = Smb2Message.Of(body);
        Assert.That(LeaseBreak.TryParse(message, out var read), Is.True);
        Assert.That(read, Is.EqualTo(new LeaseBreak(Key, Smb2LeaseState.Read)));
        Assert.That(OplockBreak.TryParse(message, out _), Is.False);
        Smb2Message.AssertTruncations(message, bytes => LeaseBreak.TryParse(bytes, out _), message.Length);

        var notification = new LeaseBreakNotification(
            Key, Smb2LeaseState.All, Smb2LeaseState.Read, Smb2LeaseFlags.AcknowledgementRequired, 9);
        body = new byte[LeaseBreakNotification.BodyBytes];
        notification.Write(body);
        message = Smb2Message.Of(body);
        Assert.That(LeaseBreakNotification.TryParse(message, out var notified), Is.True);
        Assert.That(notified, Is.EqualTo(notification));
        Smb2Message.AssertTruncations(message, bytes => LeaseBreakNotification.TryParse(bytes, out _), message.Length);
    }

    [TestCase(0L, 116_444_736_000_000_000L)]
    [TestCase(100L, 116_444_736_000_000_001L)]
    [TestCase(-1L, 116_444_735_999_999_999L)]
    [TestCase(-100L, 116_444_735_999_999_999L)]
    [TestCase(199L, 116_444_736_000_000_001L)]
    public void TimesOfUnixBecomeFileTimes(long nanoseconds, long fileTime) =>
        Assert.That(FileTime.FromUnixNanoseconds(nanoseconds), Is.EqualTo(fileTime));

    [Test]
    public void FileTimesComeBack(
        [Values(1L, 116_444_736_000_000_000L, 133_000_000_000_000_000L, 266_769_591_350_000_000L, long.MaxValue)] long fileTime) =>
        Assert.That(FileTime.FromUnixNanoseconds(FileTime.ToUnixNanoseconds(fileTime)), Is.EqualTo(fileTime));

    [Test]
    public void ExtremesOfTimeDoNotOverflow([Values(long.MinValue, -2L, 0L, long.MaxValue)] long value)
    {
        Assert.That(() => FileTime.ToUnixNanoseconds(value), Throws.Nothing);
        Assert.That(FileTime.FromUnixNanoseconds(value), Is.Positive);
        Assert.That(FileTime.FromUnixNanoseconds(Int128.MaxValue), Is.EqualTo(long.MaxValue));
        Assert.That(FileTime.FromUnixNanoseconds(Int128.MinValue), Is.EqualTo(1));
    }

    private static LeaseContext Lease(int version) => new()
    {
        Version = version,
        Key = Key,
        State = Smb2LeaseState.Read | Smb2LeaseState.Handle,
        Flags = version == 1 ? Smb2LeaseFlags.None : Smb2LeaseFlags.ParentKeySet,
        ParentKey = version == 1 ? Guid.Empty : new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        Epoch = version == 1 ? (ushort)0 : (ushort)0xABCD,
    };

    private static CreateContexts EveryContext() => new()
    {
        MaximalAccessTimestamp = 17,
        QueryOnDiskId = true,
        DurableRequest = true,
        DurableReconnect = File,
        DurableRequestV2 = new DurableRequestV2(1000, DurableFlags.Persistent, Key),
        DurableReconnectV2 = new DurableReconnectV2(File, Key, DurableFlags.None),
        Lease = Lease(2),
        AllocationSize = 1 << 20,
        Snapshot = 10_000,
        ExtendedAttributes = [1, 2, 3],
        SecurityDescriptor = [4, 5],
        Apple = new AppleQuery(AppleBitmap.ModelInfo, AppleCapabilities.UnixBased),
        AppInstanceId = Key,
        AppInstanceVersion = (1, 2),
    };

    private static byte[] Message(byte[] name, byte[] contexts)
    {
        var request = new CreateRequest
        {
            OplockLevel = Smb2OplockLevel.Lease,
            ImpersonationLevel = ImpersonationLevel.Impersonation,
            DesiredAccess = 0x80000000,
            FileAttributes = Smb2FileAttributes.Hidden,
            ShareAccess = ShareAccess.All,
            Disposition = CreateDisposition.OpenIf,
            Options = CreateOptions.NonDirectoryFile,
            Name = name,
            Contexts = contexts,
        };
        var message = new byte[request.MessageBytes];
        request.Write(message);
        return message;
    }

    private static byte[] Repeat(byte[] part, int count)
    {
        var chain = Enumerable.Repeat(part, count).SelectMany(bytes => bytes).ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(chain.AsSpan(chain.Length - part.Length), 0);
        return chain;
    }
}
