using System.Text;
using Gateway.Hosting;

namespace Gateway.Cli;

/// <summary>The file of an exported cluster.</summary>
internal static class ClusterFile
{
    private const string StandardOutput = "-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="StartException">It cannot be read.</exception>
    public static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {error.Message}", error);
        }
    }

    /// <summary>Makes it, for its owner only: it holds the users' sealed password hashes.</summary>
    /// <exception cref="StartException">There is one, or it cannot be made.</exception>
    public static async Task WriteAsync(string file, string text)
    {
        if (file == StandardOutput)
        {
            await Console.Out.WriteAsync(text);
            return;
        }

        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            await using var stream = new FileStream(file, options);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file}: {error.Message}", error);
        }
    }
}
