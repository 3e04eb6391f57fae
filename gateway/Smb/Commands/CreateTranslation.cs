using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>A CREATE in the terms of the file system.</summary>
internal static class CreateTranslation
{
    public static OpenRequest Describe(
        CreateCall call,
        SmbOpen open,
        BreakWait wait,
        SecurityDescriptor? descriptor,
        List<ExtendedAttribute> extendedAttributes)
    {
        var tree = call.Request.Tree;
        var options = (OpenOptions)call.Options;

        if (call.Path.NamesData)
            options |= OpenOptions.NonDirectory;
        return new OpenRequest
        {
            Root = tree.Root,
            Path = call.Path.Names,
            Stream = call.Path.Stream,
            Access = (AccessMask)call.Access,
            Share = (ShareModes)call.Share,
            Disposition = (OpenDisposition)call.Disposition,
            Options = options,
            Attributes = call.Attributes.ToDos(),
            AllocationBytes = call.AllocationBytes,
            Descriptor = descriptor,
            ExtendedAttributes = extendedAttributes,
            Token = tree.Session.Token,
            ReadOnlyShare = tree.Share.IsReadOnly,
            Caching = call.Caching,
            Client = call.Request.Connection.ClientGuid,
            Holder = open,
            Pending = wait.Begin,
        };
    }
}
