using System.Text;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Nfs;

/// <summary>The exports section as docs/operations.md shows it.</summary>
public sealed class ExportConfigurationTests
{
    [Test]
    public void Names_of_the_documentation_bind()
    {
        var exports = Read("""
            { "exports": [
                { "path": "/files", "clients": [
                    { "match": "10.0.0.0/24" },
                    { "match": "10.0.1.7", "readOnly": true, "squash": "All",
                      "anonymousUserId": 1, "anonymousGroupId": 2 } ] },
                { "path": "/projects", "directory": "work/projects", "clients": [
                    { "match": "*", "squash": "Root", "privilegedPortsOnly": true } ] } ] }
            """);

        Assert.That(exports.Select(export => export.Path), Is.EqualTo(new[] { "/files", "/projects" }));
        Assert.That(exports.Select(export => export.Volume), Is.All.EqualTo("files"));
        Assert.That(exports[0].Clients[0], Is.EqualTo(new ExportClientOptions { Match = "10.0.0.0/24" }));
        Assert.That(exports[0].Clients[1], Is.EqualTo(new ExportClientOptions
        {
            Match = "10.0.1.7",
            ReadOnly = true,
            Squash = Squash.All,
            AnonymousUserId = 1,
            AnonymousGroupId = 2,
        }));
        Assert.That(exports[1].Directory, Is.EqualTo("work/projects"));
        Assert.That(exports[1].Clients[0].PrivilegedPortsOnly);
    }

    [Test]
    public void A_misspelt_name_is_not_passed_over() =>
        Assert.That(
            () => Read("""{ "exports": [ { "path": "/files", "readOnly": true } ] }"""),
            Throws.Exception.With.Message.Contains("exports"));

    private static IReadOnlyList<ExportOptions> Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return ExportSettings.Read(new ConfigurationBuilder().AddJsonStream(stream).Build(), "files");
    }
}
