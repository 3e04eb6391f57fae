using System.Buffers.Binary;
using System.Globalization;
using Gateway.NfsClient;
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
            Expect(Nfs3Status.Ok, Nfs3Procedure.Create);
            Expect(Nfs3Status.Exists, Nfs3Procedure.Create);
            Expect(Nfs3Status.Ok, Nfs3Procedure.Remove);
            Expect(Nfs3Status.NoEntry, Nfs3Procedure.Remove);
        }
    }

    private void Expect(Nfs3Status expected, Nfs3Procedure procedure)
    {
        var result = mount.Ask(
            procedure,
            writer =>
            {
                var where = NfsShare.Where(directory, _name);
                if (procedure == Nfs3Procedure.Remove)
                {
                    where.Write(writer);
                }
                else
                {
                    new CreateArgs
                    {
                        Where = where,
                        Mode = Nfs3CreateMode.Guarded,
                        Attributes = new Nfs3SetAttributes { Mode = ScenarioTree.FileMode },
                    }.Write(writer);
                }
            },
            Stopping);
        if (result.IsEmpty) return;

        var status = (Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(result);
        if (status == expected) Interlocked.Increment(ref _acknowledged);
        else Errors.Add($"{procedure} {_name}: {status} instead of {expected}, {mount.Way}");
    }
}
