using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>Applications that move from client to client, as virtual machines do.</summary>
internal static class CreateApplication
{
    /// <summary>
    /// MS-SMB2 3.3.5.9.13: an application that has moved to another client takes its file along; the open of the former
    /// client is closed.
    /// </summary>
    public static async ValueTask CloseFormerAsync(CreateCall call, Guid instance)
    {
        var path = SmbPath.ToWire(call.Path.Names);
        foreach (var open in call.Request.Server.Opens.OfApplication(instance))
        {
            if (open.ClientGuid == call.Request.Connection.ClientGuid
                || open.Share != call.Request.Tree.Share
                || open.File is not { } file
                || await file.PathAsync() is not { } names)
            {
                continue;
            }

            if (SmbPath.ToWire(names).Equals(path, StringComparison.OrdinalIgnoreCase))
                await open.CloseAsync();
        }
    }
}
