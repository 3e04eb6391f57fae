namespace Gateway.Lab;

/// <summary>Certificates made by <c>nasgate cluster init</c>, and for each process the directory that it reads its own from.</summary>
internal sealed class LabCertificates(Nasgate nasgate, LabDirectory directory, string name)
{
    private string Made => directory[name + "-made"];

    public async Task MakeAsync(string nodes, string gateways) =>
        await RunAsync("cluster", "init", "--out", Path.Combine(Made, "certificates"), "--nodes", nodes, "--gateways", gateways);

    /// <summary>A further step of <c>nasgate cluster</c> on what was made.</summary>
    public async Task RunStepAsync(params string[] verb) =>
        await RunAsync(["cluster", .. verb, "--out", Path.Combine(Made, "certificates")]);

    /// <summary>Copies the files of a process to where it reads them, as an administrator would; the same file is written over.</summary>
    /// <param name="process">The name of its files: <c>node-n1</c>.</param>
    /// <returns>Options that make it use them.</returns>
    public string[] Copy(string process)
    {
        var target = directory[name + "-" + process];
        Directory.CreateDirectory(target);
        foreach (var file in new[] { "ca.pem", process + ".pem", process + ".key" })
        {
            // File.Copy would lock what it writes, and fail when the process just reads it.
            HostCommand.Run("cp", Path.Combine(Made, "certificates", file), Path.Combine(target, file));
            if (file.EndsWith(".key", StringComparison.Ordinal))
                File.SetUnixFileMode(Path.Combine(target, file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return
        [
            "--tls-ca", Path.Combine(target, "ca.pem"),
            "--tls-cert", Path.Combine(target, process + ".pem"),
            "--tls-key", Path.Combine(target, process + ".key"),
        ];
    }

    private async Task RunAsync(params string[] arguments)
    {
        var (code, output) = await nasgate.RunAsync(arguments);
        Assert.That(code, Is.Zero, output);
    }
}
