using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>Carries out an FSCTL on a file or directory.</summary>
internal delegate ValueTask<NtStatus> IoctlHandler(IoctlCall call, Open file);

/// <summary>An FSCTL that is being carried out.</summary>
internal sealed class IoctlCall
{
    private readonly FileId _file;

    public IoctlCall(SmbRequest request, in IoctlRequest asked)
    {
        Request = request;
        Code = asked.Code;
        Input = request.Message.Slice(asked.InputOffset, asked.Input.Length);
        OutputMax = (int)asked.MaxOutputResponse;
        _file = asked.FileId;
    }

    public SmbRequest Request { get; }

    public FileControlCode Code { get; }

    /// <summary>Memory of the message.</summary>
    public ReadOnlyMemory<byte> Input { get; }

    /// <summary>Bytes of output that the client takes.</summary>
    public int OutputMax { get; }

    /// <summary>Null for an FSCTL that is not about a file.</summary>
    public SmbOpen? Open { get; set; }

    /// <summary>Answers without output.</summary>
    public NtStatus Done()
    {
        Reserve(0);
        return NtStatus.Success;
    }

    /// <summary>Makes the response, with zeros to be filled in as its output.</summary>
    public Span<byte> Reserve(int outputBytes, int padding = 0)
    {
        var response = Request.Response;
        response.Reset();
        IoctlResponse.WriteHead(response.Reserve(IoctlResponse.BodyBytes + padding), Code, _file, outputBytes, padding);
        return response.Reserve(outputBytes);
    }

    /// <summary>Memory for output of which only <see cref="Commit"/> says how much there is.</summary>
    public Memory<byte> Prepare(int outputBytesMax)
    {
        Request.Response.Reset();
        return Request.Response.GetMemory(IoctlResponse.BodyBytes + outputBytesMax)[IoctlResponse.BodyBytes..];
    }

    /// <summary>Makes the response of what was written to the memory of <see cref="Prepare"/>.</summary>
    public void Commit(int outputBytes)
    {
        IoctlResponse.WriteHead(Request.Response.GetSpan(IoctlResponse.BodyBytes), Code, _file, outputBytes);
        Request.Response.Advance(IoctlResponse.BodyBytes + outputBytes);
    }
}
