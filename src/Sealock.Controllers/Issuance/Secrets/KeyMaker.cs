// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>Makes keys. RSA keys take up to seconds of a processor each: only so many are made at once that others get on.</summary>
internal sealed class KeyMaker : IDisposable
{
    private readonly SemaphoreSlim _slow = new(Math.Max(1, Environment.ProcessorCount - 1));

    public async ValueTask<KeyPair> MakeAsync(KeyDemand demand, CancellationToken cancellationToken)
    {
        if (demand.Kind != KeyKind.Rsa)
            return KeyPair.Generate(demand.Algorithm);
        await _slow.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => KeyPair.Generate(demand.Algorithm), cancellationToken);
        }
        finally
        {
            _slow.Release();
        }
    }

    public void Dispose() => _slow.Dispose();
}
