using System.Buffers.Binary;
using System.Collections.Concurrent;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Rpc;

/// <summary>A program with a procedure for each way a call can go.</summary>
internal sealed class ProbeProgram : IRpcProgram
{
    public const uint ProgramNumber = 400_100;

    public const uint Null = 0;
    public const uint Echo = 1;
    public const uint Wait = 2;
    public const uint Throw = 3;
    public const uint Fill = 4;
    public const uint EchoLater = 5;
    public const uint DropIt = 6;
    public const uint RefuseIt = 7;
    public const uint ThrowLater = 8;
    public const uint Identify = 9;
    public const uint Attributes = 10;
    public const uint Overflow = 11;

    private readonly ConcurrentDictionary<uint, TaskCompletionSource> _gates = new();

    public uint Number => ProgramNumber;

    public uint VersionMin => 2;

    public uint VersionMax => 3;

    public string Name => "probe";

    public int Running;

    public int RunningMost;

    /// <summary>Lets the <see cref="Wait"/> calls with this number go on.</summary>
    public void Open(uint gate) => Gate(gate).TrySetResult();

    public int ReplyBytesMax(uint version, uint procedure, ReadOnlySpan<byte> arguments) =>
        procedure switch
        {
            Fill when arguments.Length == 4 => (int)BinaryPrimitives.ReadUInt32BigEndian(arguments) + 64,
            Echo or EchoLater => arguments.Length + 64,
            _ => 256,
        };

    public async ValueTask<RpcAcceptStatus> WaitAsync(RpcContext call)
    {
        var gate = BinaryPrimitives.ReadUInt32BigEndian(call.Arguments.Span);
        var running = Interlocked.Increment(ref Running);
        InterlockedMax(ref RunningMost, running);
        await Gate(gate).Task.WaitAsync(call.Aborted);
        Interlocked.Decrement(ref Running);
        call.Output.WriteUInt32(gate);
        return RpcAcceptStatus.Success;
    }

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call)
    {
        switch (call.Procedure)
        {
            case Null:
                return new(RpcAcceptStatus.Success);
            case Echo:
                call.Output.WriteRaw(call.Arguments.Span);
                return new(RpcAcceptStatus.Success);
            case Wait:
                return WaitAsync(call);
            case Throw:
                call.Output.WriteUInt32(1);
                throw new InvalidOperationException("asked for");
            case Fill:
                return FillAsync(call);
            case EchoLater:
                return EchoLaterAsync(call);
            case DropIt:
                call.Drop();
                return new(RpcAcceptStatus.Success);
            case RefuseIt:
                call.Refuse(RpcAuthStatus.TooWeak);
                return new(RpcAcceptStatus.Success);
            case ThrowLater:
                return ThrowLaterAsync();
            default:
                return new(Answer(call));
        }
    }

    private static RpcAcceptStatus Answer(RpcContext call)
    {
        switch (call.Procedure)
        {
            case Identify:
                call.Output.WriteUInt32(call.Caller.UserId);
                call.Output.WriteUInt32(call.Caller.GroupId);
                call.Output.WriteUInt32((uint)call.Caller.Groups.Length);
                foreach (var group in call.Caller.Groups) call.Output.WriteUInt32(group);
                return RpcAcceptStatus.Success;
            case Attributes:
                for (var i = 0; i < 28; i++) call.Output.WriteUInt32((uint)i);
                return RpcAcceptStatus.Success;
            case Overflow:
                while (true) call.Output.WriteFixedOpaque(new byte[4096]);
            default:
                return RpcAcceptStatus.ProcedureUnavailable;
        }
    }

    private static ValueTask<RpcAcceptStatus> FillAsync(RpcContext call)
    {
        var reader = new XdrReader(call.Arguments.Span);
        var count = (int)reader.ReadUInt32();
        if (!reader.IsComplete) return new(RpcAcceptStatus.GarbageArguments);

        var target = call.Output.GetMemory(count).Span[..count];
        for (var i = 0; i < count; i++) target[i] = unchecked((byte)i);
        call.Output.Advance(count);
        return new(RpcAcceptStatus.Success);
    }

    private static async ValueTask<RpcAcceptStatus> EchoLaterAsync(RpcContext call)
    {
        await Task.Yield();
        call.Output.WriteRaw(call.Arguments.Span);
        return RpcAcceptStatus.Success;
    }

    private static async ValueTask<RpcAcceptStatus> ThrowLaterAsync()
    {
        await Task.Yield();
        throw new InvalidOperationException("asked for");
    }

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    private TaskCompletionSource Gate(uint gate) =>
        _gates.GetOrAdd(gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
