using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// Writes one number after another into a file that it holds open and locked by a persistent handle, and reads each back.
/// </summary>
internal sealed class SteadySmbClient(int number, SmbMount mount, string path) : SteadyClient($"smb{number}")
{
    private const uint ExclusiveAtOnce = 0x12;
    private const ulong LockAt = 1 << 20;

    private bool _isLocked;
    private long _number;

    public override IEnumerable<string> Complaints => mount.Errors;

    public override void Dispose()
    {
        base.Dispose();
        mount.Dispose();
    }

    protected override bool Step()
    {
        var content = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(content, ++_number);
        while (mount.Open(path, Stopping) is { } file)
        {
            if (!_isLocked) _isLocked = Succeeds(Smb2Command.Lock, Bodies.Lock(file, (LockAt, 1UL, ExclusiveAtOnce)));
            else if (Succeeds(Smb2Command.Write, Bodies.Write(file, 0, content)) && IsReadBack(file)) return true;
        }

        return false;
    }

    private bool Succeeds(Smb2Command command, byte[] body) => mount.Ask(command, body) is { Status: NtStatus.Success };

    private bool IsReadBack(SmbFileId file)
    {
        var reply = mount.Ask(Smb2Command.Read, Bodies.Read(file, 0, sizeof(long)));
        if (reply is not { Status: NtStatus.Success }) return false;

        var read = BinaryPrimitives.ReadInt64LittleEndian(reply.Message.AsSpan(reply.Body[2]));
        if (read != _number) Errors.Add($"READ {path}: {read} instead of {_number}");
        return true;
    }
}
