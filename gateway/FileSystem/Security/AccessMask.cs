namespace Gateway.FileSystem.Security;

/// <summary>ACCESS_MASK, MS-DTYP 2.4.3, with the file and directory rights of MS-SMB2 2.2.13.1.</summary>
/// <remarks>Six bits have a second name on a directory: list, add file, add subdirectory, traverse, delete child.</remarks>
[Flags]
public enum AccessMask : uint
{
    None = 0,

    /// <summary>FILE_READ_DATA; of a directory FILE_LIST_DIRECTORY.</summary>
    ReadData = 0x1,

    /// <summary>FILE_WRITE_DATA; of a directory FILE_ADD_FILE.</summary>
    WriteData = 0x2,

    /// <summary>FILE_APPEND_DATA; of a directory FILE_ADD_SUBDIRECTORY.</summary>
    AppendData = 0x4,

    ReadExtendedAttributes = 0x8,

    WriteExtendedAttributes = 0x10,

    /// <summary>FILE_EXECUTE; of a directory FILE_TRAVERSE.</summary>
    Execute = 0x20,

    /// <summary>FILE_DELETE_CHILD: remove an entry whatever the entry's own descriptor says.</summary>
    DeleteChild = 0x40,

    ReadAttributes = 0x80,

    WriteAttributes = 0x100,

    Delete = 0x10000,

    ReadControl = 0x20000,

    WriteDacl = 0x40000,

    WriteOwner = 0x80000,

    Synchronize = 0x100000,

    /// <summary>Read and write the SACL; a privilege, never a right that a DACL grants.</summary>
    AccessSystemSecurity = 0x1000000,

    /// <summary>Asks for everything that would be granted.</summary>
    MaximumAllowed = 0x2000000,

    GenericAll = 0x10000000,

    GenericExecute = 0x20000000,

    GenericWrite = 0x40000000,

    GenericRead = 0x80000000,

    /// <summary>FILE_GENERIC_READ.</summary>
    FileRead = Synchronize | ReadControl | ReadData | ReadAttributes | ReadExtendedAttributes,

    /// <summary>FILE_GENERIC_WRITE.</summary>
    FileWrite = Synchronize | ReadControl | WriteData | AppendData | WriteAttributes | WriteExtendedAttributes,

    /// <summary>FILE_GENERIC_EXECUTE.</summary>
    FileExecute = Synchronize | ReadControl | ReadAttributes | Execute,

    /// <summary>FILE_ALL_ACCESS.</summary>
    FileAll = 0x1F01FF,
}
