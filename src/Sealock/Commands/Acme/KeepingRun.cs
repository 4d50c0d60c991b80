// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Keeping;

namespace Sealock.Commands.Acme;

/// <summary>Looks after one kept certificate, while no other process does.</summary>
internal static class KeepingRun
{
    /// <param name="kept">The certificate.</param>
    /// <param name="settings">How it is to be had.</param>
    /// <param name="session">The server.</param>
    /// <param name="request">What a new account is asked for with.</param>
    /// <param name="begin">Done first, in the folder's turn; null for nothing.</param>
    /// <param name="work">How the keeper is asked.</param>
    public static async Task<KeepOutcome> OneAsync(
        KeptCertificate kept, CertificateSettings settings, AcmeSession session, AcmeAccountRequest request, Func<Task>? begin,
        Func<CertificateKeeper, Task<KeepOutcome>> work)
    {
        try
        {
            using var turn = kept.TryLock();
            if (turn is null)
                return new KeepOutcome.Failed($"another sealock is at work in {kept.Folder}: let it end");
            if (begin is not null)
                await begin();
            return await work(new CertificateKeeper(
                kept, settings, session.Client, session.Account, request, TimeProvider.System, line => Console.Error.WriteLine(Printable.Of(line))));
        }
        catch (KeepingException error)
        {
            return new KeepOutcome.Failed(error.Message);
        }
    }
}
