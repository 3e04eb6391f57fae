using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Gateway.Replication;

/// <summary>
/// Checks that guard durability and stay in release builds (PROTOCOL §2.10). A failed one means that we no longer
/// know what is durable: nothing may catch it except a loop boundary that stops the process.
/// </summary>
public static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, string rule)
    {
        if (!condition) Fail(rule);
    }

    /// <summary>The message is formatted only when the condition is false.</summary>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref InvariantMessage message)
    {
        if (!condition) Fail(message.ToString());
    }

    [DoesNotReturn]
    public static void Fail(string rule) => throw new InvariantException(rule);
}

/// <summary>Formats the message of a failed invariant, and only of a failed one.</summary>
[InterpolatedStringHandler]
public ref struct InvariantMessage
{
    private DefaultInterpolatedStringHandler _text;

    public InvariantMessage(int literalLength, int formattedCount, bool condition, out bool enabled)
    {
        enabled = !condition;
        if (enabled) _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToStringAndClear();
}

/// <summary>An invariant failed: stop, restart into recovery.</summary>
public sealed class InvariantException(string rule) : Exception(rule);
