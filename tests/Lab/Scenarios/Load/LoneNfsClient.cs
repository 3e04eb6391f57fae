using System.Globalization;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// Makes and removes a name that is its own, each twice: so it knows every answer beforehand, and sees whatever else is done
/// to the name.
/// </summary>
internal sealed class LoneNfsClient(int number, HardMount mount, Nfs3Handle directory) : LoadClient($"nfs{number}")
{
    private const int ErrorsMax = 10;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"lone{number}");
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public override void Dispose()
    {
        base.Dispose();
        mount.Dispose();
    }

    protected override void Work()
    {
        while (!Stopping.IsCancellationRequested && Errors.Count < ErrorsMax)
        {
            Expect(Nfs3Status.Ok, "CREATE", mount.Create(directory, _name, Stopping));
            Expect(Nfs3Status.Exists, "CREATE", mount.Create(directory, _name, Stopping));
            Expect(Nfs3Status.Ok, "REMOVE", mount.Remove(directory, _name, Stopping));
            Expect(Nfs3Status.NoEntry, "REMOVE", mount.Remove(directory, _name, Stopping));
        }
    }

    private void Expect(Nfs3Status expected, string call, Nfs3Status? status)
    {
        if (status == expected) Interlocked.Increment(ref _acknowledged);
        else if (status is not null) Errors.Add($"{call} {_name}: {status} instead of {expected}, {mount.Way}");
    }
}
