using Gateway.FileSystem;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>The results of the procedures that change names or attributes, from what the file system says.</summary>
internal static class ChangeReply
{
    public static void Write(
        XdrWriter output, Nfs3Procedure procedure, Nfs3Status status, ChangeResult result, HandleSeal seal)
    {
        switch (procedure)
        {
            case Nfs3Procedure.SetAttr:
                new WccRes(status, result.Node.ToNfs3()).Write(output);
                break;

            case Nfs3Procedure.Remove:
            case Nfs3Procedure.RmDir:
                new WccRes(status, result.Directory.ToNfs3()).Write(output);
                break;

            case Nfs3Procedure.Rename:
                new RenameRes(status, result.Directory.ToNfs3(), result.TargetDirectory.ToNfs3()).Write(output);
                break;

            case Nfs3Procedure.Link:
                new LinkRes(status, result.Node.After?.ToNfs3(), result.Directory.ToNfs3()).Write(output);
                break;

            default:
                var made = status == Nfs3Status.Ok ? result.Node.After : null;
                new NewObjectRes
                {
                    Status = status,
                    Handle = made is { } node ? seal.ToNfs3(node.Node) : null,
                    ObjectAttributes = made?.ToNfs3(),
                    DirectoryWcc = result.Directory.ToNfs3(),
                }.Write(output);
                break;
        }
    }

    /// <summary>
    /// Writes a failure; <paramref name="second"/> is of the other node of RENAME and LINK, else the same.
    /// </summary>
    public static void WriteRefusal(
        XdrWriter output, Nfs3Procedure procedure, Nfs3Status status, Nfs3Attributes? first, Nfs3Attributes? second)
    {
        var wcc = new Nfs3WccData(null, first);
        var secondWcc = new Nfs3WccData(null, second);
        switch (procedure)
        {
            case Nfs3Procedure.Rename:
                new RenameRes(status, wcc, secondWcc).Write(output);
                break;

            case Nfs3Procedure.Link:
                new LinkRes(status, first, secondWcc).Write(output);
                break;

            // All the others fail alike: a status and one wcc_data.
            default:
                new WccRes(status, wcc).Write(output);
                break;
        }
    }
}
