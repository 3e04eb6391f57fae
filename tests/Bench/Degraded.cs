using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Bench;

/// <summary>
/// What a node that hangs costs clients, and what they have left while it is brought level again. The node is hung by SIGSTOP:
/// as by a disk that does not answer, its connections stay. With and without it take turns, so that the machine's moods are in both.
/// </summary>
internal sealed class Degraded(Target target, int node, Uri status, int rounds)
{
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int BulkMebibytes = 768;
    private const double HealRateMin = 0.7;
    private const double HungMillisecondsMax = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LevelMax = TimeSpan.FromMinutes(10);

    /// <summary>Returns false when a mark is missed.</summary>
    public async Task<bool> RunAsync(TextWriter output, uint firstXid)
    {
        using var load = new DurableLoad(target, firstXid);
        await load.RunAsync(Turn);
        var whole = new LatencySample();
        var hung = new LatencySample();
        var healthy = new LatencySample();
        var healing = new LatencySample();
        for (var round = 0; round < rounds; round++)
        {
            whole.Add(await load.RunAsync(Turn));
            Signals.Send(node, SignalStop);
            try
            {
                hung.Add(await load.RunAsync(Turn));
            }
            finally
            {
                Signals.Send(node, SignalContinue);
            }

            await WaitUntilLevelAsync();
        }

        // A node that missed much, and clients who do not wait for it.
        healthy.Add(await load.RunAsync(Turn));
        Signals.Send(node, SignalStop);
        try
        {
            load.WriteMuch(BulkMebibytes);
        }
        finally
        {
            Signals.Send(node, SignalContinue);
        }

        var began = Stopwatch.GetTimestamp();
        healing.Add(await load.RunWhileAsync(() => Owed() > 0, Turn));
        var healed = Stopwatch.GetElapsedTime(began);
        await WaitUntilLevelAsync();
        healthy.Add(await load.RunAsync(Turn));
        return Report(output, whole, hung, healthy, healing, healed);
    }

    private static bool Report(
        TextWriter output, LatencySample whole, LatencySample hung, LatencySample healthy, LatencySample healing, TimeSpan healed)
    {
        var isMet = true;
        foreach (var kind in Enum.GetValues<DurableOperation>())
        {
            var more = hung.Percentile(kind, 0.99) - whole.Percentile(kind, 0.99);
            var rate = healing.Rate(kind) / healthy.Rate(kind);
            isMet &= more.TotalMilliseconds <= HungMillisecondsMax && rate >= HealRateMin;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind,-10} 99th percentile {whole.Percentile(kind, 0.99).TotalMilliseconds,7:0.00} ms, one node hung "
                + $"{hung.Percentile(kind, 0.99).TotalMilliseconds,7:0.00} ms ({more.TotalMilliseconds:+0.00;-0.00}); median "
                + $"{whole.Percentile(kind, 0.5).TotalMilliseconds,6:0.00} and {hung.Percentile(kind, 0.5).TotalMilliseconds,6:0.00} ms; "
                + $"{healthy.Rate(kind),7:0}/s, while healing {healing.Rate(kind),7:0}/s ({rate:0.00}x)"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{BulkMebibytes} MiB were brought to the node in {healed.TotalSeconds:0.0} s"));
        output.WriteLine($"at most {HungMillisecondsMax} ms more and at least {HealRateMin}x: {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private async Task WaitUntilLevelAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (Owed() > 0)
        {
            if (Stopwatch.GetElapsedTime(began) > LevelMax) throw new TimeoutException("The node does not come level.");
            await Task.Delay(Pause);
        }
    }

    // Slices that a node lacks; all of them while one is not there.
    private long Owed()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var answer = client.Send(new HttpRequestMessage(HttpMethod.Get, status));
        using var document = JsonDocument.Parse(answer.Content.ReadAsStream());
        var volume = document.RootElement.GetProperty("volumes")[0];
        var areUp = volume.GetProperty("nodes").EnumerateArray().All(one => one.GetProperty("state").GetString() == "up");
        return areUp ? volume.GetProperty("owedSlices").GetInt64() : long.MaxValue;
    }
}
