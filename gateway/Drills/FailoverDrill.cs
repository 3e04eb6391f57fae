using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Gateway.Drills;

/// <summary>Lets a volume change its gateway while a client writes, and measures how long that client waits.</summary>
internal static class FailoverDrill
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <param name="servers">Where clients find the volume, before and after.</param>
    /// <param name="volume">Its name.</param>
    /// <param name="change">Lets it change its gateway.</param>
    /// <param name="time">Measures.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="IOException">The volume cannot be written, or is not any more.</exception>
    public static async Task<DrillResult> RunAsync(
        IReadOnlyList<IPEndPoint> servers, string volume, Func<Task> change, TimeProvider time, CancellationToken stop)
    {
        var name = ".nasgate-drill-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var probe = new WriteProbe(servers, "/" + volume, name, AnswerMax, time);
        await probe.BeginAsync(stop);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var writing = probe.RunAsync(over.Token);
        try
        {
            await Task.Delay(Lead, time, stop);
            await change();
            await UntilWritesGoOnAsync(probe, time, stop);
            await Task.Delay(Lead, time, stop);
        }
        finally
        {
            await over.CancelAsync();
            await writing;
        }

        var isRight = await probe.EndAsync(stop);
        return new DrillResult(probe.LongestGap, probe.Acknowledged, isRight);
    }

    private static async Task UntilWritesGoOnAsync(WriteProbe probe, TimeProvider time, CancellationToken stop)
    {
        var (count, began) = (probe.Acknowledged, time.GetTimestamp());
        while (probe.Acknowledged <= count)
        {
            if (time.GetElapsedTime(began) > WaitMax) throw new IOException($"no write was acknowledged for {WaitMax.TotalSeconds} s");
            await Task.Delay(Look, time, stop);
        }
    }
}

/// <summary>What a drill found.</summary>
/// <param name="LongestGap">The longest time in which no write was acknowledged.</param>
/// <param name="Acknowledged">Writes that were.</param>
/// <param name="ContentIsRight">The file holds what was acknowledged last.</param>
internal sealed record DrillResult(TimeSpan LongestGap, ulong Acknowledged, bool ContentIsRight)
{
    public override string ToString()
    {
        var content = ContentIsRight ? "right" : "WRONG";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"longest gap {LongestGap.TotalMilliseconds:0} ms, {Acknowledged} writes acknowledged, content {content}");
    }
}
