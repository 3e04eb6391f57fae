using Gateway.Protocol.Smb2;

namespace Gateway.Smb;

/// <summary>
/// Carries out one command. The body of a success or a warning is in <see cref="SmbRequest.Response"/> when the task
/// completes; of an error, in <see cref="SmbRequest.ErrorData"/> where it has one. Headers, error bodies, signatures and
/// encryption are the caller's. Started in the order of arrival; completes on any thread.
/// </summary>
internal delegate ValueTask<NtStatus> SmbHandler(SmbRequest request);
