using System.Text;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>Arguments of every procedure that a server accepts: what bad input is made from.</summary>
public static class ValidRequests
{
    /// <summary>Every procedure with arguments.</summary>
    public static IReadOnlyList<Nfs3Procedure> Procedures { get; } =
        [.. Enum.GetValues<Nfs3Procedure>().Where(procedure => procedure != Nfs3Procedure.Null)];

    /// <summary>Those whose arguments begin with a directory and a name.</summary>
    public static IReadOnlyList<Nfs3Procedure> Named { get; } =
    [
        Nfs3Procedure.Lookup, Nfs3Procedure.Create, Nfs3Procedure.MkDir, Nfs3Procedure.SymLink, Nfs3Procedure.MkNod,
        Nfs3Procedure.Remove, Nfs3Procedure.RmDir, Nfs3Procedure.Rename, Nfs3Procedure.Link,
    ];

    public static byte[] Of(Nfs3Procedure procedure, byte[] handle, byte[] name) =>
        Encode(writer => Write(writer, procedure, handle, name));

    public static byte[] Of(Nfs3Procedure procedure, byte[] handle, string name = "name") =>
        Of(procedure, handle, Encoding.UTF8.GetBytes(name));

    public static byte[] Encode(Action<XdrWriter> write)
    {
        using var writer = new XdrWriter();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void Write(XdrWriter writer, Nfs3Procedure procedure, byte[] handle, byte[] name)
    {
        var where = new DirOpArgs { Directory = handle, Name = name };
        switch (procedure)
        {
            case Nfs3Procedure.SetAttr:
                var attributes = new Nfs3SetAttributes { Mode = 0x1FF };
                new SetAttrArgs { Handle = handle, Attributes = attributes, Guard = new Nfs3Time(1, 2) }.Write(writer);
                break;
            case Nfs3Procedure.Access:
                new AccessArgs { Handle = handle, Access = Nfs3AccessBits.All }.Write(writer);
                break;
            case Nfs3Procedure.Read:
                new ReadArgs { Handle = handle, Offset = 0, Count = 100 }.Write(writer);
                break;
            case Nfs3Procedure.Write:
                new WriteArgs
                {
                    Handle = handle,
                    Offset = 0,
                    Count = 3,
                    Stability = Nfs3Stability.FileSync,
                    Content = "abc"u8,
                }.Write(writer);
                break;
            case Nfs3Procedure.Commit:
                new CommitArgs { Handle = handle, Offset = 0, Count = 0 }.Write(writer);
                break;
            case Nfs3Procedure.Rename:
                new RenameArgs { From = where, To = where }.Write(writer);
                break;
            case Nfs3Procedure.Link:
                new LinkArgs { Handle = handle, Link = where }.Write(writer);
                break;
            case Nfs3Procedure.ReadDir:
                new ReadDirArgs { Directory = handle, Cookie = 0, CookieVerifier = 0, Count = 4096 }.Write(writer);
                break;
            case Nfs3Procedure.ReadDirPlus:
                new ReadDirPlusArgs
                {
                    Directory = handle,
                    Cookie = 0,
                    CookieVerifier = 0,
                    DirectoryCount = 4096,
                    CountMax = 4096,
                }.Write(writer);
                break;
            default:
                WriteOther(writer, procedure, where);
                break;
        }
    }

    private static void WriteOther(XdrWriter writer, Nfs3Procedure procedure, DirOpArgs where)
    {
        switch (procedure)
        {
            case Nfs3Procedure.Create:
                new CreateArgs { Where = where, Mode = Nfs3CreateMode.Unchecked }.Write(writer);
                break;
            case Nfs3Procedure.MkDir:
                new MkDirArgs { Where = where }.Write(writer);
                break;
            case Nfs3Procedure.SymLink:
                new SymLinkArgs { Where = where, Path = "target"u8 }.Write(writer);
                break;
            case Nfs3Procedure.MkNod:
                new MkNodArgs { Where = where, Type = Nfs3FileType.CharacterDevice, Device = new Nfs3Device(1, 3) }
                    .Write(writer);
                break;
            case Nfs3Procedure.Lookup or Nfs3Procedure.Remove or Nfs3Procedure.RmDir:
                where.Write(writer);
                break;
            default:
                writer.WriteOpaque(where.Directory);
                break;
        }
    }
}
