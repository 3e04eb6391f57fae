using System.CommandLine;
using Gateway.Cli;
using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

/// <summary>What a user may say about shares, on the command line and in the file.</summary>
[TestFixture]
internal sealed class ShareSettingsTests
{
    [Test]
    public void OptionsFollowTheDirectory()
    {
        var share = One("a=b/c:ro:encrypt:writeback:nostreams:accessbased:keepinherited:nomacos:notimemachine:hide=.*:hide=~?x");
        Assert.That(share, Is.EqualTo(new ShareOptions
        {
            Name = "a",
            Directory = "b/c",
            ReadOnly = true,
            Encrypt = true,
            WriteBack = true,
            Streams = false,
            AccessBased = true,
            KeepInherited = true,
            MacOS = false,
            TimeMachine = false,
            Hide = share.Hide,
        }));
        Assert.That(share.Hide, Is.EqualTo(new[] { ".*", "~?x" }));
    }

    [Test]
    public void WithoutOptionsNothingIsSpecial()
    {
        var share = One("a");
        Assert.That(share.Hide, Is.Empty);
        Assert.That((share.Streams, share.MacOS, share.TimeMachine), Is.EqualTo((true, true, true)));
        Assert.That((share.AccessBased, share.KeepInherited), Is.EqualTo((false, false)));
    }

    [TestCase("a=:RO"), TestCase("a=:hide"), TestCase("a=:hide="), TestCase("a=:hide=x/y"), TestCase("a=:hide=x\\y"), TestCase("a=:"),
        TestCase("a=:continuous:writeback")]
    public void NonsenseIsRefused(string text) => Assert.That(ShareSettings.TryParse(text, out _), Is.False);

    [Test]
    public void ContinuousIsAnOption()
    {
        Assert.That(One("a=:continuous").Continuous);
        Assert.That(One("a").Continuous, Is.False);
        Assert.That(Read("""{ "shares": [ { "name": "a", "continuous": true } ] }""").Continuous);
        Assert.That(
            () => Read("""{ "shares": [ { "name": "a", "continuous": true, "writeBack": true } ] }"""),
            Throws.TypeOf<SettingException>().With.Message.Contains("'a' cannot be both continuous and write-back"));
    }

    [Test]
    public void PatternsAreLimited()
    {
        var sixteen = string.Concat(Enumerable.Range(0, 16).Select(index => $":hide={index}"));
        Assert.That(ShareSettings.TryParse("a=" + sixteen, out _), Is.True);
        Assert.That(ShareSettings.TryParse("a=" + sixteen + ":hide=x", out _), Is.False);
        Assert.That(ShareSettings.TryParse("a=:hide=" + new string('x', 256), out _), Is.False);
    }

    [Test]
    public void TheFileSaysTheSame()
    {
        var share = Read(
            """
            { "shares": [ { "name": "a", "hide": [ ".*", "x" ], "streams": false, "accessBased": true, "keepInherited": true,
              "macOS": false, "timeMachine": false } ] }
            """);
        Assert.That(share.Hide, Is.EqualTo(new[] { ".*", "x" }));
        Assert.That((share.AccessBased, share.KeepInherited), Is.EqualTo((true, true)));
        Assert.That((share.Streams, share.MacOS, share.TimeMachine), Is.EqualTo((false, false, false)));
        Assert.That(() => Read("""{ "shares": [ { "name": "a", "hide": [ "" ] } ] }"""), Throws.TypeOf<SettingException>());
        Assert.That(() => Read("""{ "shares": [ { "name": "a", "hides": [ "x" ] } ] }"""), Throws.TypeOf<SettingException>());
    }

    private static ShareOptions One(string text)
    {
        Assert.That(ShareSettings.TryParse(text, out var shares), Is.True);
        return shares.Single();
    }

    private static ShareOptions Read(string json)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json);
            var setting = new Setting<IReadOnlyList<ShareOptions>>("shares", "", "", ShareSettings.Default, ShareSettings.TryParse);
            var command = new RootCommand();
            command.Options.Add(setting.Option);
            return ShareSettings.Read(setting, command.Parse([]), SettingSources.Open(file, _ => null)).Single();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
