using System.Buffers.Binary;
using System.Globalization;
using Gateway.Lab.Scenarios.Histories;
using Gateway.Linearizability;

namespace Gateway.Lab.Scenarios;

/// <summary>The files of a scenario, what they hold, and how that is read.</summary>
internal static class ScenarioFiles
{
    public const int BlockBytes = 4096;
    public const int RecordBytes = 32;

    /// <summary>A log longer than one READ is not appended to.</summary>
    public const int RecordsMax = 2_000;

    /// <summary>What no write wrote: a torn block, a record in the wrong place.</summary>
    public const long Damaged = -1;

    private const int WordBytes = sizeof(long);

    public static IReadOnlyList<string> Registers { get; } = ["r0", "r1", "r2", "r3"];

    public static IReadOnlyList<string> Names { get; } = ["n0", "n1", "n2"];

    public static string LogOf(int client) => string.Create(CultureInfo.InvariantCulture, $"log{client}");

    public static ISequentialModel<long, FileRequest, long> ModelOf(string file) => file[0] switch
    {
        'r' => new RegisterModel(),
        'l' => new LogModel(),
        'n' => new NameModel(),
        _ => throw new ArgumentException($"No file of a scenario: {file}", nameof(file)),
    };

    /// <summary>The content of a register of that value.</summary>
    public static byte[] Block(long value) => Filled(value, BlockBytes);

    /// <summary>The record of that number.</summary>
    public static byte[] Record(long number) => Filled(number + 1, RecordBytes);

    /// <summary>The value of a register that reads so.</summary>
    public static long ValueOf(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty) return 0;
        if (block.Length != BlockBytes) return Damaged;

        var value = BinaryPrimitives.ReadInt64LittleEndian(block);
        return IsFilled(block, value) ? value : Damaged;
    }

    /// <summary>How many records a log has that reads so.</summary>
    public static long CountOf(ReadOnlySpan<byte> log)
    {
        if (log.Length % RecordBytes != 0) return Damaged;
        for (var number = 0; number < log.Length / RecordBytes; number++)
        {
            if (!IsFilled(log.Slice(number * RecordBytes, RecordBytes), number + 1)) return Damaged;
        }

        return log.Length / RecordBytes;
    }

    private static byte[] Filled(long value, int bytes)
    {
        var content = new byte[bytes];
        for (var at = 0; at < bytes; at += WordBytes) BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(at), value);
        return content;
    }

    private static bool IsFilled(ReadOnlySpan<byte> content, long value)
    {
        for (var at = 0; at < content.Length; at += WordBytes)
        {
            if (BinaryPrimitives.ReadInt64LittleEndian(content[at..]) != value) return false;
        }

        return true;
    }
}
