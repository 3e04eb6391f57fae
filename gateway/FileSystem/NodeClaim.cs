using Gateway.Replication.Store;

namespace Gateway.FileSystem;

/// <summary>
/// Takes hold of what is about to be made: asked inside the mutation, before anything is changed, so that nobody sees the
/// node before its claim. Unless Ok, nothing is made. Must not block.
/// </summary>
/// <param name="rows">Of the mutation; what the claim records goes there when it is Ok.</param>
/// <param name="file">The file or directory.</param>
/// <param name="content">The stream when one is made, otherwise the same as <paramref name="file"/>.</param>
/// <remarks>Whoever claims gives up by himself when the mutation does not end with Ok.</remarks>
internal delegate FileStatus NodeClaim(MutationContext rows, NodeId file, NodeId content);
