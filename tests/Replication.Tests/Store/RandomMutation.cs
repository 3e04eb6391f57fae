using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

/// <summary>A random mutation that checks the rows it sees against a model, and changes both.</summary>
internal static class RandomMutation
{
    public static void Run(MutationContext context, Random random, SortedDictionary<byte[], byte[]> model)
    {
        for (var step = random.Next(6); step > 0; step--)
        {
            switch (random.Next(4))
            {
                case 0:
                    var found = context.TryGet(Key(random, out var wanted), out var value);
                    Require(found == model.TryGetValue(wanted, out var expected));
                    Require(!found || value.SequenceEqual(expected));
                    break;
                case 1:
                    context.Delete(Key(random, out var gone));
                    model.Remove(gone);
                    break;
                case 2:
                    Walk(context, random, model);
                    break;
                default:
                    var bytes = new byte[random.Next(30)];
                    random.NextBytes(bytes);
                    context.Put(Key(random, out var key), bytes);
                    model[key] = bytes;
                    break;
            }
        }
    }

    public static void Check(IRowReader rows, SortedDictionary<byte[], byte[]> model)
    {
        using var cursor = rows.OpenCursor();
        var found = cursor.Seek([1]);
        foreach (var (key, value) in model)
        {
            Require(found && cursor.Key.SequenceEqual(key) && cursor.Value.SequenceEqual(value));
            found = cursor.MoveNext();
        }

        Require(!found);
    }

    /// <summary>Walks from a random key, changing rows on the way: under the cursor, behind it and before it.</summary>
    private static void Walk(MutationContext context, Random random, SortedDictionary<byte[], byte[]> model)
    {
        using var cursor = context.OpenCursor();
        var from = Key(random, out _);
        var found = cursor.Seek(from);
        var next = model.Keys.FirstOrDefault(key => key.AsSpan().SequenceCompareTo(from) >= 0);
        for (var steps = random.Next(8); steps > 0; steps--)
        {
            Require(found == (next is not null));
            if (!found) return;
            Require(cursor.Key.SequenceEqual(next) && cursor.Value.SequenceEqual(model[next!]));
            var at = next!;
            switch (random.Next(4))
            {
                case 0:
                    context.Delete(cursor.Key);
                    model.Remove(at);
                    break;
                case 1:
                    context.Put(cursor.Key, "changed"u8);
                    model[at] = "changed"u8.ToArray();
                    break;
                case 2:
                    context.Put(Key(random, out var other), "other"u8);
                    model[other] = "other"u8.ToArray();
                    break;
                default:
                    break;
            }

            found = cursor.MoveNext();
            next = model.Keys.FirstOrDefault(key => key.AsSpan().SequenceCompareTo(at) > 0);
        }
    }

    private static byte[] Key(Random random, out byte[] key)
    {
        key = new byte[random.Next(1, 4)];
        for (var i = 0; i < key.Length; i++) key[i] = (byte)(1 + random.Next(6) * 50);
        return key;
    }

    private static void Require(bool condition)
    {
        if (!condition) throw new AssertionException("The rows differ from the model.");
    }
}
