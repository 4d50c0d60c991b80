// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Jose;

namespace Sealock.Acme.Client;

/// <summary>
/// Nonces that came with answers, to be used for the next requests (RFC 8555 section 6.5): the newest first, for servers forget
/// old ones. Bounded; may be used concurrently.
/// </summary>
internal sealed class NoncePool(TimeProvider clock)
{
    private const int Most = 64;
    private const int LongestNonce = 512;
    private static readonly TimeSpan UsefulFor = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Nonce, DateTimeOffset At)> _nonces = new();

    /// <summary>The nonce; null where RFC 8555 does not allow it as one.</summary>
    public static string? Usable(string? nonce) => Base64UrlAlphabet.Is(nonce, LongestNonce) ? nonce : null;

    /// <summary>Keeps a usable nonce.</summary>
    public void Put(string nonce)
    {
        lock (_gate)
        {
            _nonces.AddLast((nonce, clock.GetUtcNow()));
            if (_nonces.Count > Most)
                _nonces.RemoveFirst();
        }
    }

    /// <summary>Takes the newest; null where none is left that is still likely to be known.</summary>
    public string? Take()
    {
        lock (_gate)
        {
            if (_nonces.Last is not { } newest)
                return null;
            _nonces.RemoveLast();
            if (clock.GetUtcNow() - newest.Value.At <= UsefulFor)
                return newest.Value.Nonce;
            _nonces.Clear();
            return null;
        }
    }
}
