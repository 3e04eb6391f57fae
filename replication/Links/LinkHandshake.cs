using System.Security.Cryptography;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>
/// Opens a link: both sides prove that they know the cluster's secret before anything else is believed. Random
/// nonces of both sides go into both proofs, so a recorded handshake opens nothing.
/// </summary>
internal static class LinkHandshake
{
    /// <summary>The connecting side.</summary>
    /// <exception cref="LinkRefusedException">One side does not want the other.</exception>
    /// <exception cref="WireViolationException">The peer speaks something else.</exception>
    public static async Task<NodeIdentity> ConnectAsync(
        IFrameTransport link, ClusterSecret secret, string node, Guid volume, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        var hello = new Hello(Hello.CurrentVersion, secret.Cluster, volume, nonce);
        await SendAsync(output, FrameKind.Hello, hello, cancellation);

        var challenge = await ReceiveAsync<Challenge>(input, FrameKind.Challenge, cancellation);
        var transcript = new HandshakeTranscript(volume, challenge.Node, nonce, challenge.Nonce.ToArray());
        if (!ClusterSecret.Equal(challenge.Proof.Span, secret.NodeProof(transcript)))
            throw new LinkRefusedException(LinkRefusal.Secret);

        if (challenge.Node != node) throw new LinkRefusedException(LinkRefusal.OtherNode);

        await SendAsync(output, FrameKind.Proof, new Proof(secret.OwnerProof(transcript)), cancellation);
        var welcome = await ReceiveAsync<Welcome>(input, FrameKind.Welcome, cancellation);
        input.HeadBytesMax = FrameLimits.HeadBytesMax;
        return new NodeIdentity(node, welcome.Incarnation);
    }

    /// <summary>The node's side. Sends the refusal before it throws it. Touches no volume before the peer is known.</summary>
    public static async Task<NodeEntry> AcceptAsync(
        IFrameTransport link, ClusterSecret secret, INodeVolumes node, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var hello = await ReceiveAsync<Hello>(input, FrameKind.Hello, cancellation);
        if (hello.Version != Hello.CurrentVersion) await RefuseAsync(output, LinkRefusal.Version, cancellation);
        if (hello.Cluster != secret.Cluster) await RefuseAsync(output, LinkRefusal.Cluster, cancellation);

        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        var transcript = new HandshakeTranscript(hello.Volume, node.Node, hello.Nonce.ToArray(), nonce);
        var challenge = new Challenge(node.Node, nonce, secret.NodeProof(transcript));
        await SendAsync(output, FrameKind.Challenge, challenge, cancellation);

        var proof = await ReceiveAsync<Proof>(input, FrameKind.Proof, cancellation);
        if (!ClusterSecret.Equal(proof.Mac.Span, secret.OwnerProof(transcript)))
            await RefuseAsync(output, LinkRefusal.Secret, cancellation);

        return await EnterAsync(link, node, transcript.Volume, cancellation);
    }

    private static async Task<NodeEntry> EnterAsync(
        IFrameTransport link, INodeVolumes node, Guid volume, CancellationToken cancellation)
    {
        NodeEntry entry;
        try
        {
            entry = node.Enter(volume);
        }
        catch (LinkRefusedException refused)
        {
            await RefuseAsync(link.Output, refused.Reason, cancellation);
            throw;
        }

        try
        {
            link.Input.HeadBytesMax = FrameLimits.HeadBytesMax;
            var welcome = new Welcome(entry.Requests.Identity.Incarnation);
            await SendAsync(link.Output, FrameKind.Welcome, welcome, cancellation);
            return entry;
        }
        catch
        {
            entry.Dispose();
            throw;
        }
    }

    private static async Task RefuseAsync(IFrameOutput output, LinkRefusal reason, CancellationToken cancellation)
    {
        await SendAsync(output, FrameKind.Refusal, new Refusal(reason), cancellation);
        throw new LinkRefusedException(reason);
    }

    private static async Task SendAsync<TMessage>(
        IFrameOutput output, FrameKind kind, TMessage message, CancellationToken cancellation)
        where TMessage : IWireMessage<TMessage>
    {
        if (!output.TryPost(kind, 0, message)) throw new EndOfStreamException();
        await output.FlushAsync(cancellation);
    }

    private static async Task<TMessage> ReceiveAsync<TMessage>(
        IFrameInput input, FrameKind kind, CancellationToken cancellation)
        where TMessage : IWireMessage<TMessage>
    {
        if (!await input.ReadHeadAsync(cancellation)) throw new EndOfStreamException();
        if (input.Header.PayloadBytes != 0) throw new WireViolationException("a handshake frame with a payload");
        if (input.Header.Kind == FrameKind.Refusal && kind is not (FrameKind.Hello or FrameKind.Proof))
            throw new LinkRefusedException(WireMessages.Decode<Refusal>(input.Head).Reason);

        if (input.Header.Kind != kind) throw new WireViolationException($"{input.Header.Kind} instead of {kind}");
        return WireMessages.Decode<TMessage>(input.Head);
    }
}
