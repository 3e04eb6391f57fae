using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab;

internal sealed partial class Bystander
{
    public static Bystander Over(NfsShare share) => new(share, (name, content) => Round(share, name, content));

    private static void Round(NfsShare share, string name, byte[] content)
    {
        name = "nfs-" + name;
        var created = share.Create(share.Root, name);
        Require("CREATE", created.Status);
        var file = created.Handle!.Value;
        Require("WRITE", share.Write(file, 0, content, Nfs3Stability.Unstable).Status);
        Require("COMMIT", share.Commit(file).Status);
        var read = share.Read(file, 0, ContentBytes);
        Require("READ", read.Status);
        if (!read.Content.SequenceEqual(content))
            throw new IOException("READ gave other content than was written");
        Require("REMOVE", share.Remove(share.Root, name).Status);
    }

    private static void Require(string call, Nfs3Status status)
    {
        if (status != Nfs3Status.Ok)
            throw new NfsStatusException(call, status);
    }
}
