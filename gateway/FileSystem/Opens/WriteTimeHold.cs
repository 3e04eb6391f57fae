namespace Gateway.FileSystem.Opens;

/// <summary>What is shown as the write time of a file that is being written, in place of the newer one that it has.</summary>
/// <param name="Shown">The write time before the first write that is not shown.</param>
/// <param name="Until">From then on the file's own is shown; by the monotonic clock.</param>
internal sealed record WriteTimeHold(Timestamp Shown, long Until);
