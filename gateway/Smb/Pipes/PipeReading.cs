using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Pipes;

/// <summary>What a read of a pipe gave: a message, or with BUFFER_OVERFLOW as much of it as there was room for.</summary>
internal readonly record struct PipeReading(NtStatus Status, int Bytes);
