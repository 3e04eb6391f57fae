using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;

namespace Gateway.Tests.Smb.Opens;

/// <summary>MS-SMB2 3.3.5.2.10, in the order of smbtorture's channel-sequence.</summary>
[TestFixture]
internal sealed class ChannelSequenceTests
{
    private const NtStatus Ok = NtStatus.Success;
    private const NtStatus Stale = NtStatus.FileNotAvailable;

    [Test]
    public void ChangesFromBeforeAreRefused([Values] bool replays)
    {
        (int Sequence, NtStatus Status)[] requests =
        [
            (0, Ok), (0x8000, Stale), (0x8001, Stale), (0xFFFF, Stale), (0x7FFF, Ok), (0x7FFE, Stale), (0, Stale),
            (0x8000, Ok), (0xFFFF, Ok), (0, Ok), (1, Ok), (0, Stale), (1, Ok), (0xFFFF, Stale),
        ];
        var sequence = new ChannelSequence();
        foreach (var (number, status) in requests)
        {
            var header = Header(Smb2Command.Write, number, replays);
            Assert.That(sequence.Begin(header, out var counted), Is.EqualTo(status), $"0x{number:X4}");
            if (counted is { } count)
                sequence.End(count);
        }
    }

    [Test]
    public void ReadsFromBeforeAreCarriedOut()
    {
        var sequence = new ChannelSequence();
        Assert.That(sequence.Begin(Header(Smb2Command.Write, 5), out _), Is.EqualTo(Ok));
        Assert.That(sequence.Begin(Header(Smb2Command.Read, 4), out var counted), Is.EqualTo(Ok));
        Assert.That(counted, Is.Null);
    }

    [Test]
    public void ReplaysWaitForWhatIsStillRunning()
    {
        var sequence = new ChannelSequence();
        sequence.Begin(Header(Smb2Command.Write, 0), out var first);
        Assert.That(sequence.Begin(Header(Smb2Command.Write, 1, replays: true), out var second), Is.EqualTo(Ok));
        Assert.That(sequence.Begin(Header(Smb2Command.Write, 1, replays: true), out _), Is.EqualTo(Stale));
        sequence.End(first!.Value);
        Assert.That(sequence.Begin(Header(Smb2Command.Write, 1, replays: true), out _), Is.EqualTo(Ok));
        sequence.End(second!.Value);
    }

    [Test]
    public void AnOldRequestThatEndsUnderItsOwnNumberIsNotCountedTwice()
    {
        var sequence = new ChannelSequence();
        sequence.Begin(Header(Smb2Command.ChangeNotify, 0), out var notify);
        foreach (var number in new[] { 30_000, 60_000, 65_536 })
        {
            sequence.Begin(Header(Smb2Command.QueryInfo, number), out var query);
            sequence.End(query!.Value);
        }

        Assert.That(sequence.Begin(Header(Smb2Command.Write, 0, replays: true), out _), Is.EqualTo(Stale));
        sequence.End(notify!.Value);
        Assert.That(sequence.Begin(Header(Smb2Command.Write, 0, replays: true), out _), Is.EqualTo(Ok));
    }

    private static Smb2Header Header(Smb2Command command, int sequence, bool replays = false) => new()
    {
        Command = command,
        Status = (NtStatus)(ushort)(sequence & 0xFFFF),
        Flags = replays ? Smb2HeaderFlags.Replay : Smb2HeaderFlags.None,
    };
}
