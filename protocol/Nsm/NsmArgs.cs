using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nsm;

/// <summary>sm_name, XNFS §11.2: of SM_STAT. A view of the request.</summary>
public readonly ref struct NsmNameArgs
{
    public required ReadOnlySpan<byte> Name { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out NsmNameArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new NsmNameArgs { Name = reader.ReadOpaque(NsmProtocol.NameBytesMax) };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer) => writer.WriteOpaque(Name);
}

/// <summary>stat_chge, XNFS §11.2: of SM_NOTIFY, from a host that has restarted. A view of the request.</summary>
/// <remarks><code>mon_name string | state int32</code></remarks>
public readonly ref struct NsmChangeArgs
{
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>The host's new number: odd when it is up.</summary>
    public required int State { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out NsmChangeArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new NsmChangeArgs { Name = reader.ReadOpaque(NsmProtocol.NameBytesMax), State = reader.ReadInt32() };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Name);
        writer.WriteInt32(State);
    }
}

/// <summary>my_id, XNFS §11.2: of SM_UNMON_ALL; whom to call when a monitored host restarts. A view of the request.</summary>
/// <remarks><code>my_name string | my_prog int32 | my_vers int32 | my_proc int32</code></remarks>
public readonly ref struct NsmCallbackArgs
{
    public required ReadOnlySpan<byte> Name { get; init; }

    public required int Program { get; init; }

    public required int Version { get; init; }

    public required int Procedure { get; init; }

    public static NsmCallbackArgs Read(scoped ref XdrReader reader) => new()
    {
        Name = reader.ReadOpaque(NsmProtocol.NameBytesMax),
        Program = reader.ReadInt32(),
        Version = reader.ReadInt32(),
        Procedure = reader.ReadInt32(),
    };

    public static bool TryParse(ReadOnlySpan<byte> arguments, out NsmCallbackArgs args)
    {
        var reader = new XdrReader(arguments);
        args = Read(ref reader);
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Name);
        writer.WriteInt32(Program);
        writer.WriteInt32(Version);
        writer.WriteInt32(Procedure);
    }
}

/// <summary>mon and mon_id, XNFS §11.2: of SM_MON, and without the private bytes of SM_UNMON. A view of the request.</summary>
/// <remarks><code>mon_name string | my_id | SM_MON: priv opaque[16]</code></remarks>
public readonly ref struct NsmMonitorArgs
{
    public required ReadOnlySpan<byte> Name { get; init; }

    public required NsmCallbackArgs Callback { get; init; }

    /// <summary>Empty for SM_UNMON.</summary>
    public required ReadOnlySpan<byte> Private { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, bool withPrivate, out NsmMonitorArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new NsmMonitorArgs
        {
            Name = reader.ReadOpaque(NsmProtocol.NameBytesMax),
            Callback = NsmCallbackArgs.Read(ref reader),
            Private = withPrivate ? reader.ReadFixedOpaque(NsmProtocol.PrivateBytes) : default,
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Name);
        Callback.Write(writer);
        if (!Private.IsEmpty) writer.WriteFixedOpaque(Private);
    }
}
