namespace Gateway.FileSystem;

/// <summary>
/// Takes hold of what is about to be made: asked inside the mutation, before anything is changed, so that nobody sees the
/// node before its claim. Unless Ok, nothing is made. Must not block.
/// </summary>
/// <param name="file">The file or directory.</param>
/// <param name="content">The stream when one is made, otherwise the same as <paramref name="file"/>.</param>
/// <remarks>Whoever claims gives up by himself when the mutation does not end with Ok.</remarks>
internal delegate FileStatus NodeClaim(NodeId file, NodeId content);
