using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab;

internal sealed partial class Bystander
{
    private const uint DeleteOnClose = 0x1000;
    private const uint ReadWriteDelete = 0x13019F;

    public static Bystander Over(SmbSession session) => new(session, (name, content) => Round(session, name, content));

    private static void Round(SmbSession session, string name, byte[] content)
    {
        var file = session.CreateFile("smb-" + name, options: DeleteOnClose, access: ReadWriteDelete);
        session.WriteFile(file, 0, content);
        session.Ask(Smb2Command.Flush, Bodies.Flush(file)).Require(NtStatus.Success);
        if (!session.ReadFile(file, 0, ContentBytes).AsSpan().SequenceEqual(content))
            throw new IOException("READ gave other content than was written");
        session.CloseFile(file);
    }
}
