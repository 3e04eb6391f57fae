using Gateway.FileSystem.Security;

namespace Gateway.FileSystem;

/// <summary><see cref="Descriptor"/> is there when the status is Ok.</summary>
public readonly record struct DescriptorResult(FileStatus Status, SecurityDescriptor? Descriptor);
