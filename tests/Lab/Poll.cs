using System.Diagnostics;

namespace Gateway.Lab;

/// <summary>Waits for something that another process does.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The first value that is not null, or null when the time is over.</summary>
    public static async Task<T?> UntilAsync<T>(Func<T?> value, TimeSpan within)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (value() is { } found)
                return found;
            if (Stopwatch.GetElapsedTime(started) > within)
                return null;

            await Task.Delay(Pause);
        }
    }

    public static async Task<bool> UntilAsync(Func<bool> holds, TimeSpan within) =>
        await UntilAsync(() => holds() ? "" : null, within) is not null;

    /// <summary>For what takes a question to find out: asks once a second.</summary>
    public static async Task<bool> UntilAsync(Func<Task<bool>> holds, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(started) > within)
                return false;

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        return true;
    }
}
