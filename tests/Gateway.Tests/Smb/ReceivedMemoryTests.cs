using Gateway.Smb;
using Gateway.Sockets;

namespace Gateway.Tests.Smb;

public sealed class ReceivedMemoryTests
{
    private const int Length = 4 << 20;

    private TransferBuffers _buffers = null!;

    [SetUp]
    public void SetUp() => _buffers = new TransferBuffers();

    [Test]
    public void What_was_borrowed_goes_to_nobody_else_before_it_was_given_back()
    {
        var memory = new ReceivedMemory(_buffers);
        memory.Reserve(Length);
        var bytes = memory.Bytes;
        var lent = memory.SourceOf(Length)!.Lend(bytes.AsMemory(0, Length));
        memory.Release();
        Assert.That(IsFree(bytes), Is.False, "the request has ended, the reader has not");

        lent.Release();
        Assert.That(IsFree(bytes));
    }

    [Test]
    public void A_reader_who_is_done_first_leaves_the_message_to_its_request()
    {
        var memory = new ReceivedMemory(_buffers);
        memory.Reserve(Length);
        var bytes = memory.Bytes;
        memory.SourceOf(Length)!.Lend(bytes).Release();
        memory.SourceOf(Length)!.Lend(bytes).Release();
        Assert.That(IsFree(bytes), Is.False);

        memory.Release();
        Assert.That(IsFree(bytes));
        Assert.That(memory.Bytes, Is.Not.SameAs(bytes));
    }

    [TestCase(0, 100, TestName = "Nothing of the small block is lent")]
    [TestCase(Length, 64 << 10, TestName = "A little is not lent, as much memory would stay for it")]
    public void Better_copied(int reserved, int bytes)
    {
        var memory = new ReceivedMemory(_buffers);
        memory.Reserve(reserved);
        Assert.That(memory.SourceOf(bytes), Is.Null);
        memory.Release();
    }

    // Takes all that are free of this size, and leaves them to the collector.
    private bool IsFree(byte[] wanted) =>
        Enumerable.Range(0, 4).Select(_ => _buffers.Rent(wanted.Length)).ToList().Contains(wanted);
}
