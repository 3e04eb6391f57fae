namespace Gateway.Hosting;

/// <summary>How clients find the gateway that serves a volume: an address that goes with it, or somebody who is told.</summary>
/// <remarks>
/// Any thread; for one volume one call at a time. Taking what is taken and releasing what is released does nothing.
/// </remarks>
internal interface IServiceAddress
{
    /// <summary>Clients of the volume come here from now on. The volume is served already.</summary>
    /// <exception cref="StartException">It cannot be had.</exception>
    Task TakeAsync(string volume, CancellationToken cancellation);

    /// <summary>Clients of the volume no longer come here. Does not throw for what cannot be undone: that is logged.</summary>
    Task ReleaseAsync(string volume, CancellationToken cancellation);
}
