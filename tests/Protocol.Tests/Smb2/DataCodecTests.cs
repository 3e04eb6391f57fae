using System.Buffers.Binary;
using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Protocol.Tests.Smb2;

/// <summary>READ, WRITE, FLUSH, LOCK, IOCTL and CHANGE_NOTIFY: both directions, cut short, and damaged.</summary>
[TestFixture]
internal sealed class DataCodecTests
{
    private static readonly FileId File = new(0x1122334455667788, 0x99AABBCCDDEEFF00);

    private static readonly byte[] Content = "content of a file"u8.ToArray();

    [Test]
    public void ReadGoesRound()
    {
        var wanted = new ReadRequest
        {
            Flags = ReadFlags.Unbuffered,
            Length = 65536,
            Offset = 1UL << 40,
            FileId = File,
            MinimumCount = 7,
            RemainingBytes = 9,
        };
        var body = new byte[ReadRequest.StructureSize];
        Assert.That(wanted.Write(body), Is.EqualTo(body.Length));
        var message = Smb2Message.Of(body);

        Assert.That(ReadRequest.TryParse(message, out var read), Is.True);
        Assert.That(read, Is.EqualTo(wanted));
        Smb2Message.AssertTruncations(message, bytes => ReadRequest.TryParse(bytes, out _), Smb2Header.Bytes + ReadRequest.BodyBytes);
    }

    [TestCase(0), TestCase(8)]
    public void DataOfReadIsFound(int padding)
    {
        var body = new byte[ReadResponse.BodyBytes + padding + Content.Length];
        ReadResponse.WriteHead(body, Content.Length, padding);
        Content.CopyTo(body, ReadResponse.BodyBytes + padding);
        var message = Smb2Message.Of(body);

        Assert.That(ReadResponse.TryParse(message, out var data), Is.True);
        Assert.That(data.SequenceEqual(Content), Is.True);
        Smb2Message.AssertTruncations(message, bytes => ReadResponse.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void WriteGoesRound()
    {
        var message = WriteMessage();
        Assert.That(WriteRequest.TryParse(message, out var write), Is.True);
        Assert.That(write.DataOffset, Is.EqualTo(112));
        Assert.That(message.AsSpan(write.DataOffset, write.Length).SequenceEqual(Content), Is.True);
        Assert.That(write.Offset, Is.EqualTo(ulong.MaxValue));
        Assert.That(write.FileId, Is.EqualTo(File));
        Assert.That(write.Flags, Is.EqualTo(WriteFlags.WriteThrough));
        Assert.That(write.RemainingBytes, Is.EqualTo(3));
        Smb2Message.AssertTruncations(message, bytes => WriteRequest.TryParse(bytes, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, bytes => WriteRequest.TryParse(bytes, out _));
    }

    // Into the header, into the fixed part, and further behind than any client puts it.
    [TestCase(0)]
    [TestCase(64)]
    [TestCase(111)]
    [TestCase(0x101)]
    public void WriteWithDataElsewhereIsRefused(int offset)
    {
        var message = WriteMessage();
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(Smb2Header.Bytes + 2), (ushort)offset);
        Assert.That(WriteRequest.TryParse(message, out _), Is.False);
    }

    [Test]
    public void LengthOfWriteNearTheLimitIsRefused()
    {
        var message = WriteMessage();
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(Smb2Header.Bytes + 4), uint.MaxValue);
        Assert.That(WriteRequest.TryParse(message, out _), Is.False);
    }

    [Test]
    public void CountOfWriteGoesRound()
    {
        var body = new byte[WriteResponse.BodyBytes];
        new WriteResponse(4711).Write(body);
        var message = Smb2Message.Of(body);
        Assert.That(WriteResponse.TryParse(message, out var response), Is.True);
        Assert.That(response.Count, Is.EqualTo(4711));
        Smb2Message.AssertTruncations(message, bytes => WriteResponse.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void FlushGoesRound()
    {
        var body = new byte[FlushRequest.BodyBytes];
        var wanted = new FlushRequest(File) { Reserved1 = FlushRequest.AppleFullSync };
        wanted.Write(body);
        var message = Smb2Message.Of(body);
        Assert.That(FlushRequest.TryParse(message, out var flush), Is.True);
        Assert.That(flush, Is.EqualTo(wanted));
        Smb2Message.AssertTruncations(message, bytes => FlushRequest.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void EmptyResponseIsKnown()
    {
        var body = new byte[EmptyResponse.BodyBytes];
        EmptyResponse.Write(body);
        Smb2Message.AssertTruncations(Smb2Message.Of(body), EmptyResponse.TryParse, Smb2Header.Bytes + 4);
    }

    [TestCase(1)]
    [TestCase(3)]
    public void LockGoesRound(int count)
    {
        var elements = new LockElement[count];
        for (var index = 0; index < count; index++)
            elements[index] = new LockElement((ulong)index << 60, ulong.MaxValue, LockFlags.Exclusive | LockFlags.FailImmediately);
        var body = new byte[256];
        var message = Smb2Message.Of(body.AsSpan(0, LockRequest.Write(body, File, 0x25, elements)));

        Assert.That(LockRequest.TryParse(message, out var request), Is.True);
        Assert.That(request.FileId, Is.EqualTo(File));
        Assert.That(request.SequenceNumber, Is.EqualTo(5));
        Assert.That(request.SequenceIndex, Is.EqualTo(2));
        Assert.That(request.ToArray(), Is.EqualTo(elements));
        Smb2Message.AssertTruncations(message, bytes => LockRequest.TryParse(bytes, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, bytes => LockRequest.TryParse(bytes, out _));
    }

    [Test]
    public void LockOfNothingIsRefused()
    {
        var body = new byte[LockRequest.StructureSize];
        LockRequest.Write(body, File, 0, []);
        Assert.That(LockRequest.TryParse(Smb2Message.Of(body), out _), Is.False);
    }

    [Test]
    public void IoctlGoesRound()
    {
        var message = IoctlMessage();
        Assert.That(IoctlRequest.TryParse(message, out var request), Is.True);
        Assert.That(request.Code, Is.EqualTo(FileControlCode.PipeTransceive));
        Assert.That(request.FileId, Is.EqualTo(File));
        Assert.That(request.Input.SequenceEqual(Content), Is.True);
        Assert.That(request.InputOffset, Is.EqualTo(120));
        Assert.That(request.MaxOutputResponse, Is.EqualTo(1024));
        Assert.That(request.IsFileSystemControl, Is.True);
        Smb2Message.AssertTruncations(message, bytes => IoctlRequest.TryParse(bytes, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, bytes => IoctlRequest.TryParse(bytes, out _));
    }

    [Test]
    public void IoctlWithOutputInsideItsInputIsRefused()
    {
        var message = IoctlMessage();
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(Smb2Header.Bytes + 36), 121);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(Smb2Header.Bytes + 40), 1);
        Assert.That(IoctlRequest.TryParse(message, out _), Is.False);
    }

    [TestCase(0), TestCase(8)]
    public void OutputOfIoctlIsFound(int padding)
    {
        var body = new byte[IoctlResponse.BodyBytes + padding + Content.Length];
        IoctlResponse.WriteHead(body, FileControlCode.PipeTransceive, File, Content.Length, padding);
        Content.CopyTo(body, IoctlResponse.BodyBytes + padding);
        var message = Smb2Message.Of(body);

        Assert.That(IoctlResponse.TryParse(message, out var code, out var output), Is.True);
        Assert.That(code, Is.EqualTo(FileControlCode.PipeTransceive));
        Assert.That(output.SequenceEqual(Content), Is.True);
        Smb2Message.AssertTruncations(message, bytes => IoctlResponse.TryParse(bytes, out _, out _), message.Length);
    }

    [Test]
    public void ChangeNotifyGoesRound()
    {
        var wanted = new ChangeNotifyRequest
        {
            FileId = File,
            OutputBufferLength = 4096,
            Filter = CompletionFilter.FileName | CompletionFilter.StreamWrite,
            WatchTree = true,
        };
        var body = new byte[ChangeNotifyRequest.BodyBytes];
        wanted.Write(body);
        var message = Smb2Message.Of(body);
        Assert.That(ChangeNotifyRequest.TryParse(message, out var request), Is.True);
        Assert.That(request, Is.EqualTo(wanted));
        Smb2Message.AssertTruncations(message, bytes => ChangeNotifyRequest.TryParse(bytes, out _), message.Length);
    }

    [Test]
    public void NotificationsAreListed()
    {
        var list = new byte[256];
        var (length, last) = (0, 0);
        string[] names = ["a", "longer\\path", ""];
        foreach (var name in names)
        {
            var bytes = Encoding.Unicode.GetBytes(name);
            var needed = FileNotifyInformation.BytesOf(length, bytes.Length);
            var before = length;
            new FileNotifyInformation { Action = FileAction.RenamedNewName, Name = bytes }.Append(list, ref length, ref last);
            Assert.That(length - before, Is.EqualTo(needed));
        }

        ReadOnlySpan<byte> rest = list.AsSpan(0, length);
        foreach (var name in names)
        {
            Assert.That(FileNotifyInformation.TryTake(ref rest, out var entry), Is.True);
            Assert.That(entry.Action, Is.EqualTo(FileAction.RenamedNewName));
            Assert.That(Encoding.Unicode.GetString(entry.Name), Is.EqualTo(name));
        }

        Assert.That(rest.IsEmpty, Is.True);
        Smb2Message.AssertTruncations(list[..length], TakesAll, length);
        Smb2Message.AssertNothingThrows(list[..length], TakesAll);

        static bool TakesAll(ReadOnlySpan<byte> list)
        {
            do
            {
                if (!FileNotifyInformation.TryTake(ref list, out _)) return false;
            }
            while (!list.IsEmpty);

            return true;
        }
    }

    private static byte[] WriteMessage()
    {
        var body = new byte[WriteRequest.BodyBytes + Content.Length];
        new WriteRequest
        {
            Length = Content.Length,
            Offset = ulong.MaxValue,
            FileId = File,
            Flags = WriteFlags.WriteThrough,
            RemainingBytes = 3,
        }.WriteHead(body);
        Content.CopyTo(body, WriteRequest.BodyBytes);
        return Smb2Message.Of(body);
    }

    private static byte[] IoctlMessage()
    {
        var body = new byte[256];
        var length = new IoctlRequest
        {
            Code = FileControlCode.PipeTransceive,
            FileId = File,
            Input = Content,
            MaxOutputResponse = 1024,
            IsFileSystemControl = true,
        }.Write(body);
        return Smb2Message.Of(body.AsSpan(0, length));
    }
}
