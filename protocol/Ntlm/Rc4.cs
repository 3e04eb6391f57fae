namespace Gateway.Protocol.Ntlm;

/// <summary>RC4, which the framework lacks: NTLM wraps its session key and its signatures with it (MS-NLMP 3.4.4).</summary>
internal sealed class Rc4
{
    private readonly byte[] _state = new byte[256];
    private byte _i;
    private byte _j;

    public Rc4(ReadOnlySpan<byte> key)
    {
        for (var i = 0; i < _state.Length; i++) _state[i] = (byte)i;

        byte j = 0;
        for (var i = 0; i < _state.Length; i++)
        {
            j = unchecked((byte)(j + _state[i] + key[i % key.Length]));
            (_state[i], _state[j]) = (_state[j], _state[i]);
        }
    }

    /// <summary>Encrypts or decrypts, and goes on in the key stream at the next call.</summary>
    public void Transform(ReadOnlySpan<byte> input, Span<byte> output)
    {
        for (var n = 0; n < input.Length; n++)
        {
            _i = unchecked((byte)(_i + 1));
            _j = unchecked((byte)(_j + _state[_i]));
            (_state[_i], _state[_j]) = (_state[_j], _state[_i]);
            output[n] = (byte)(input[n] ^ _state[unchecked((byte)(_state[_i] + _state[_j]))]);
        }
    }
}
