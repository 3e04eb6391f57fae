namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>Spare instances of a cipher, for requests of one connection that run at the same time.</summary>
/// <remarks>
/// The framework's ciphers keep a native context that one call at a time may use. A call takes an instance and puts it
/// back; one is made when all are in use, and what does not fit on return is disposed of. Safe for use by many threads.
/// </remarks>
internal sealed class InstancePool<T>(Func<T> make) : IDisposable
    where T : class, IDisposable
{
    /// <summary>No more calls than cores run at a time; beyond a few an idle instance only costs memory.</summary>
    private static readonly int SparesMax = Math.Clamp(Environment.ProcessorCount, 1, 8);

    private readonly T?[] _spares = new T?[SparesMax];
    private volatile bool _disposed;

    public T Take()
    {
        for (var slot = 0; slot < _spares.Length; slot++)
        {
            if (_spares[slot] is not null && Interlocked.Exchange(ref _spares[slot], null) is { } spare) return spare;
        }

        return make();
    }

    public void Return(T instance)
    {
        for (var slot = 0; slot < _spares.Length && !_disposed; slot++)
        {
            if (Interlocked.CompareExchange(ref _spares[slot], instance, null) is not null) continue;

            // Disposal may have swept this slot between the check and the exchange.
            if (_disposed) Sweep();
            return;
        }

        instance.Dispose();
    }

    /// <summary>Calls that run meanwhile go on; their instances end when they come back.</summary>
    public void Dispose()
    {
        _disposed = true;
        Sweep();
    }

    private void Sweep()
    {
        for (var slot = 0; slot < _spares.Length; slot++) Interlocked.Exchange(ref _spares[slot], null)?.Dispose();
    }
}
