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
        IFrameTransport link, ClusterSecret secret, string node, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        await SendAsync(output, FrameKind.Hello, new Hello(Hello.CurrentVersion, secret.Cluster, nonce), cancellation);

        var challenge = await ReceiveAsync<Challenge>(input, FrameKind.Challenge, cancellation);
        var identity = new NodeIdentity(challenge.Node, challenge.Incarnation);
        var nodeNonce = challenge.Nonce.ToArray();
        if (!ClusterSecret.Equal(challenge.Proof.Span, secret.NodeProof(nonce, nodeNonce, identity)))
            throw new LinkRefusedException(LinkRefusal.Secret);

        if (identity.Node != node) throw new LinkRefusedException(LinkRefusal.OtherNode);

        var proof = new Proof(secret.OwnerProof(nonce, nodeNonce, identity));
        await SendAsync(output, FrameKind.Proof, proof, cancellation);
        await ReceiveAsync<Welcome>(input, FrameKind.Welcome, cancellation);
        input.HeadBytesMax = FrameLimits.HeadBytesMax;
        return identity;
    }

    /// <summary>The node's side. Sends the refusal before it throws it.</summary>
    public static async Task AcceptAsync(
        IFrameTransport link, ClusterSecret secret, NodeIdentity identity, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var hello = await ReceiveAsync<Hello>(input, FrameKind.Hello, cancellation);
        if (hello.Version != Hello.CurrentVersion) await RefuseAsync(output, LinkRefusal.Version, cancellation);
        if (hello.Cluster != secret.Cluster) await RefuseAsync(output, LinkRefusal.Cluster, cancellation);

        var ownerNonce = hello.Nonce.ToArray();
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        var challenge = new Challenge(
            identity.Node, identity.Incarnation, nonce, secret.NodeProof(ownerNonce, nonce, identity));
        await SendAsync(output, FrameKind.Challenge, challenge, cancellation);

        var proof = await ReceiveAsync<Proof>(input, FrameKind.Proof, cancellation);
        if (!ClusterSecret.Equal(proof.Mac.Span, secret.OwnerProof(ownerNonce, nonce, identity)))
            await RefuseAsync(output, LinkRefusal.Secret, cancellation);

        input.HeadBytesMax = FrameLimits.HeadBytesMax;
        await SendAsync(output, FrameKind.Welcome, default(Welcome), cancellation);
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
