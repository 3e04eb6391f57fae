using System.Globalization;
using System.Text;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab;

/// <summary>Fills a directory faster than one kernel client can, which creates one file after the other.</summary>
internal static class ManyFiles
{
    /// <summary>Every file whose number this divides has content.</summary>
    public const int ContentEvery = 1000;

    private const int Depth = 64;

    /// <summary>Makes <paramref name="directory"/> with files f0, f1 and so on.</summary>
    public static void Create(NfsShare share, string directory, int count)
    {
        var made = share.MkDir(share.Root, directory);
        if (made.Handle is not { } handle)
            throw new NfsStatusException("MKDIR", made.Status);

        var pipeline = share.Pipeline(Depth);
        var filled = new List<Nfs3Handle>();
        ReplyHandler keep = (tag, result) =>
        {
            if (!NewObjectRes.TryParse(result, out var created) || created.Status != Nfs3Status.Ok)
                throw new NfsStatusException("CREATE", created.Status);
            if (tag % ContentEvery == 0)
                filled.Add(created.Handle!.Value);
        };
        for (var i = 0; i < count; i++)
        {
            pipeline.Drain(Depth - 1, keep);
            var writer = pipeline.Begin(Nfs3Procedure.Create, i, out var start);
            new CreateArgs
            {
                Where = new DirOpArgs
                {
                    Directory = handle.Span,
                    Name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"f{i}")),
                },
                Mode = Nfs3CreateMode.Unchecked,
                Attributes = new Nfs3SetAttributes { Mode = 0x1A4 },
            }.Write(writer);
            pipeline.End(start);
        }

        pipeline.Drain(0, keep);
        foreach (var file in filled)
            share.Write(file, 0, "data\n"u8, Nfs3Stability.FileSync);
    }
}
