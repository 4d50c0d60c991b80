// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>The key to come: the Secret it waits in, its print, and itself where it has just been made.</summary>
internal sealed record NextKey(string Secret, Print Print, KeyPair? Pair);

/// <summary>Sees to it that the key to come stands in its Secret.</summary>
internal sealed class NextKeys(ApiClient client, IssuanceObjects objects, IssuanceOptions options, SecretStore secrets, KeyMaker keys)
{
    /// <summary>The key that waits already, or a new one; null while that is being made, after which there will be another look.</summary>
    /// <exception cref="ApiException">409 where another key was there, which was not seen: look again.</exception>
    public async ValueTask<NextKey?> EnsureAsync(CertificateState state, CancellationToken cancellationToken)
    {
        var certificate = state.Certificate;
        var (@namespace, name) = (certificate.Metadata.Namespace, certificate.Status.NextPrivateKeySecretName);
        var demand = KeyDemand.Of(state.Spec.PrivateKey, out var problem) ?? throw new InvalidOperationException(problem);
        if (objects.Secret(@namespace, name) is { } found)
        {
            if (IsGood(state, found, demand))
                return new(name, found.Key, null);
            await secrets.DeleteAsync(found, cancellationToken);
        }

        if ((await KeptKeyAsync(state, cancellationToken) ?? keys.Take(KeyOf(certificate), certificate.Metadata.Uid, demand)) is not { } pair)
            return null;
        try
        {
            options.FaultPoint?.Invoke("next-key");
            objects.Wrote(await client.CreateAsync(
                IssuanceResources.Secrets, @namespace, NextKeySecret.New(certificate, name, pair), cancellationToken));
            return new(name, Print.Of(pair.PublicKey.Der.Span), pair);
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            pair.Dispose();
            if (await client.FindAsync(IssuanceResources.Secrets, @namespace, name, cancellationToken) is not { } there)
                throw;
            if (IsGood(state, there, demand))
                return new(name, there.Key, null);
            await secrets.DeleteAsync(there, cancellationToken);
            throw;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    /// <summary>No new key is wanted for a Certificate: none is made.</summary>
    public void Forget(ObjectKey certificate) => keys.Forget(certificate);

    private static ObjectKey KeyOf(CertificateView certificate) => new(certificate.Metadata.Namespace, certificate.Metadata.Name);

    /// <summary>With a key that stays, the one in use counts; else one that is in use already is not taken again.</summary>
    private static bool IsGood(CertificateState state, SecretFacts found, KeyDemand demand)
    {
        if (!NextKeySecret.Belongs(state.Certificate, found) || found.Key.IsNone)
            return false;
        if (state.Secret is not { Key.IsNone: false } secret)
            return state.Spec.PrivateKey.Keeps || demand.IsMetBy(found);
        return state.Spec.PrivateKey.Keeps ? found.Key == secret.Key : found.Key != secret.Key && demand.IsMetBy(found);
    }

    /// <summary>The key in use, where it is to be kept.</summary>
    private async ValueTask<KeyPair?> KeptKeyAsync(CertificateState state, CancellationToken cancellationToken) => state.Spec.PrivateKey.Keeps
        ? SecretStore.KeyIn(await secrets.ReadAsync(state.Certificate.Metadata.Namespace, state.Spec.SecretName, cancellationToken)) : null;
}
