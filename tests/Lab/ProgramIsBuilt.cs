namespace Gateway.Lab;

/// <summary>Builds the program before the first test, whose clock must not measure that.</summary>
[SetUpFixture]
public sealed class ProgramIsBuilt
{
    [OneTimeSetUp]
    public void Build() => HostCommand.Run(LabRun.Program, "--help");
}
