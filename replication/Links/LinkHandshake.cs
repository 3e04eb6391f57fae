using System.Security.Cryptography;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>
/// Opens a link: both sides prove that they know the cluster's secret before anything else is believed. Random
/// nonces of both sides go into both proofs, so a recorded handshake opens nothing. Over TLS the certificates have proved
/// who both are: the node welcomes the owner at once.
/// </summary>
internal static class LinkHandshake
{
    /// <summary>The connecting side.</summary>
    /// <exception cref="LinkRefusedException">One side does not want the other.</exception>
    /// <exception cref="WireViolationException">The peer speaks something else.</exception>
    public static async Task<NodeIdentity> ConnectAsync(
        IFrameTransport link, LinkTrust trust, string node, Guid volume, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        var hello = new Hello(Hello.CurrentVersion, trust.Cluster, volume, nonce);
        await SendAsync(output, FrameKind.Hello, hello, cancellation);
        if (trust.Secret is { } secret) await AnswerAsync(link, secret, hello, node, cancellation);

        var welcome = await ReceiveAsync<Welcome>(input, FrameKind.Welcome, cancellation);
        input.HeadBytesMax = FrameLimits.HeadBytesMax;
        return new NodeIdentity(node, welcome.Incarnation);
    }

    /// <summary>The node's side. Sends the refusal before it throws it. Touches no volume before the peer is known.</summary>
    public static async Task<NodeEntry> AcceptAsync(
        IFrameTransport link, LinkTrust trust, INodeVolumes node, CancellationToken cancellation)
    {
        var (input, output) = (link.Input, link.Output);
        var hello = await ReceiveAsync<Hello>(input, FrameKind.Hello, cancellation);
        if (hello.Version != Hello.CurrentVersion) await RefuseAsync(output, LinkRefusal.Version, cancellation);
        if (hello.Cluster != trust.Cluster) await RefuseAsync(output, LinkRefusal.Cluster, cancellation);

        if (trust.Secret is { } secret) await ChallengeAsync(link, secret, hello, node.Node, cancellation);
        return await EnterAsync(link, node, hello.Volume, cancellation);
    }

    /// <summary>Refuses a peer that has not begun to speak TLS, where that is asked for, in the form it understands.</summary>
    /// <exception cref="LinkRefusedException">Always, unless the connection fails before.</exception>
    public static Task RefusePlainAsync(IFrameOutput output, CancellationToken cancellation) =>
        RefuseAsync(output, LinkRefusal.NotEncrypted, cancellation);

    private static async Task AnswerAsync(
        IFrameTransport link, ClusterSecret secret, Hello hello, string node, CancellationToken cancellation)
    {
        var challenge = await ReceiveAsync<Challenge>(link.Input, FrameKind.Challenge, cancellation);
        var transcript = new HandshakeTranscript(hello.Volume, challenge.Node, hello.Nonce.ToArray(), challenge.Nonce.ToArray());
        if (!ClusterSecret.Equal(challenge.Proof.Span, secret.NodeProof(transcript)))
            throw new LinkRefusedException(LinkRefusal.Secret);

        if (challenge.Node != node) throw new LinkRefusedException(LinkRefusal.OtherNode);

        await SendAsync(link.Output, FrameKind.Proof, new Proof(secret.OwnerProof(transcript)), cancellation);
    }

    private static async Task ChallengeAsync(
        IFrameTransport link, ClusterSecret secret, Hello hello, string node, CancellationToken cancellation)
    {
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceBytes);
        var transcript = new HandshakeTranscript(hello.Volume, node, hello.Nonce.ToArray(), nonce);
        var challenge = new Challenge(node, nonce, secret.NodeProof(transcript));
        await SendAsync(link.Output, FrameKind.Challenge, challenge, cancellation);

        var proof = await ReceiveAsync<Proof>(link.Input, FrameKind.Proof, cancellation);
        if (!ClusterSecret.Equal(proof.Mac.Span, secret.OwnerProof(transcript)))
            await RefuseAsync(link.Output, LinkRefusal.Secret, cancellation);
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
