// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Accounts;

/// <summary>
/// Replaces an account's key when an issuer asks for it by its annotation: whenever that has another value than the Secret
/// remembers. The new key is kept beside the old one until the server has it, so that at no moment the account's key is unknown.
/// </summary>
internal sealed class AccountRollover(AccountKeys keys, AcmeOptions options)
{
    /// <summary>On an issuer: any text; another text asks for another key. On the Secret: the text that was heeded last.</summary>
    public const string Annotation = "sealock.dev/acme-account-rollover";

    /// <summary>The value that asks for a new key; null where none is asked for.</summary>
    public static string? Asked(IssuerView issuer, IssuerKey key) =>
        issuer.Metadata.Annotations.GetValueOrDefault(Annotation) is { Length: > 0 } asked
        && key.Secret is { } secret && secret.Annotations.GetValueOrDefault(Annotation) != asked
            ? asked : null;

    /// <summary>Takes the next step, or several; the new key when all are done, else why not: what a server said, or a problem here.</summary>
    public async ValueTask<(IssuerKey? Key, string Problem, AcmeFailure? Failure)> RunAsync(
        IssuerView issuer, AcmeIssuerView acme, AcmeClient server, AcmeAccount account, IssuerKey present, string @namespace, string asked,
        CancellationToken cancellationToken)
    {
        var name = acme.PrivateKeySecretRef.Name;
        var next = await keys.ReadNextAsync(@namespace, name, cancellationToken);
        var isKnown = false;
        if (next is null)
        {
            options.FaultPoint?.Invoke("acme.rollover.key");
            next = await keys.MakeNextAsync(@namespace, name, present.Secret!, cancellationToken);
        }
        else
        {
            // Somebody began before: perhaps the server has the key already.
            var asking = await server.NewAccountAsync(next.Key, new() { OnlyExisting = true }, cancellationToken);
            if (!asking.IsOk && asking.Failure.IsTransient)
                return (null, "", asking.Failure);
            isKnown = asking.IsOk;
        }

        if (!isKnown)
        {
            options.FaultPoint?.Invoke("acme.rollover.change");
            var changed = await server.ChangeKeyAsync(account, next.Key, cancellationToken);
            if (!changed.IsOk)
                return (null, "", changed.Failure);
        }

        options.FaultPoint?.Invoke("acme.rollover.switch");
        await keys.SwitchAsync(@namespace, acme, next, Annotation, asked, cancellationToken);
        var (key, missing) = await keys.ReadAsync(issuer, acme, @namespace, mayMake: false, cancellationToken);
        return (key, missing, null);
    }
}
