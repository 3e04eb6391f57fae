using System.Reflection;

namespace Gateway.Protocol.Tests.Captures;

/// <summary>One call as a real client sent it and a real server answered it, record and RPC headers removed.</summary>
public sealed record Capture(string Client, string Procedure, byte[] Arguments, byte[] Result)
{
    public static IReadOnlyList<Capture> All { get; } = [.. Read("nfs3.txt")];

    public static Capture Of(string client, string procedure) =>
        All.First(capture => capture.Client == client && capture.Procedure == procedure);

    public override string ToString() => $"{Client} {Procedure} ({Arguments.Length} + {Result.Length} bytes)";

    private static IEnumerable<Capture> Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly()
            .GetManifestResourceStream($"Gateway.Protocol.Tests.Captures.{name}")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var fields = line.Split(' ');
            yield return new Capture(fields[0], fields[1], Bytes(fields[2]), Bytes(fields[3]));
        }
    }

    private static byte[] Bytes(string hex) => hex == "-" ? [] : Convert.FromHexString(hex);
}
