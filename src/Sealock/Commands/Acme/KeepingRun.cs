// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Keeping;

namespace Sealock.Commands.Acme;

/// <summary>Looks after one kept certificate, while no other process does.</summary>
internal static class KeepingRun
{
    public static async Task<KeepOutcome> OneAsync(
        KeptCertificate kept, CertificateSettings settings, AcmeSession session, AcmeAccountRequest request, bool force, bool dryRun, bool keepSettings,
        CancellationToken cancellationToken)
    {
        try
        {
            using var turn = kept.TryLock();
            if (turn is null)
                return new KeepOutcome.Failed($"another sealock is at work in {kept.Folder}: let it end");
            if (keepSettings)
                kept.Keep(settings);
            return await new CertificateKeeper(
                kept, settings, session.Client, session.Account, request, TimeProvider.System, line => Console.Error.WriteLine(Printable.Of(line)))
                .RunAsync(force, dryRun, cancellationToken);
        }
        catch (KeepingException error)
        {
            return new KeepOutcome.Failed(error.Message);
        }
    }
}
