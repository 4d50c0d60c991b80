// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>Reads and writes the Secrets of Certificates.</summary>
internal sealed class SecretStore(ApiClient client, IssuanceObjects objects, IssuanceOptions options)
{
    private readonly ConcurrentDictionary<string, (string Pkcs12, string Jks)> _passwordsRead = new(StringComparer.Ordinal);

    /// <summary>A Secret with its contents, or null.</summary>
    public Task<SecretView?> ReadAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        client.FindAsync(ResourceTypes.Secrets, @namespace, name, cancellationToken);

    /// <summary>The private key in a Secret; null where there is none that can be read. The caller disposes it.</summary>
    public static KeyPair? KeyIn(SecretView? secret)
    {
        try
        {
            return secret?.Data.GetValueOrDefault(WellKnown.KeyEntry) is { Length: > 0 } pem
                ? KeyPair.FromPem(Encoding.UTF8.GetString(pem)) : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a Secret with a keystore's password is another version than when the password was last read here; also where it was
    /// not read yet. Never for Secrets that are not followed.
    /// </summary>
    public bool PasswordsChanged(CertificateView certificate)
    {
        if (!Keystores.Wants(certificate.Spec.Keystores))
            return false;
        var (pkcs12, jks) = _passwordsRead.GetValueOrDefault(certificate.Metadata.Uid, ("", ""));
        return IsAnother(certificate.Spec.Keystores?.Pkcs12, pkcs12) || IsAnother(certificate.Spec.Keystores?.Jks, jks);

        bool IsAnother(KeystoreView? store, string read) =>
            store is { Create: true, Password: null, PasswordSecretRef: { Name.Length: > 0 } reference }
            && objects.Secret(certificate.Metadata.Namespace, reference.Name) is { } followed && followed.Metadata.ResourceVersion != read;
    }

    /// <summary>Forgets what is known of a Certificate that is gone.</summary>
    public void Forget(CertificateView certificate) => _passwordsRead.TryRemove(certificate.Metadata.Uid, out _);

    /// <summary>Puts key and certificate into the Certificate's Secret, making it where there is none.</summary>
    /// <exception cref="ApiException">409 where it was changed by another meanwhile.</exception>
    public async Task<SecretFacts> WriteAsync(
        CertificateView certificate, SecretFacts? before, SecretMaterial material, CancellationToken cancellationToken) =>
        await WriteContentAsync(
            certificate, before, material with { Passwords = await PasswordsAsync(certificate, cancellationToken) }, cancellationToken);

    private async Task<SecretFacts> WriteContentAsync(
        CertificateView certificate, SecretFacts? before, SecretMaterial material, CancellationToken cancellationToken)
    {
        var (@namespace, name) = (certificate.Metadata.Namespace, certificate.Spec.SecretName);
        var content = SecretContent.Of(certificate, material);
        if (before is null)
        {
            try
            {
                return Wrote(await client.CreateAsync(
                    IssuanceResources.Secrets, @namespace, SecretPatch.New(certificate, content, options.OwnSecrets), cancellationToken));
            }
            catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
            {
                before = await client.FindAsync(IssuanceResources.Secrets, @namespace, name, cancellationToken) ?? throw ApiException.Conflict("", "secrets", name, "it is gone again");
            }
        }

        return Wrote(await client.PatchAsync(
            IssuanceResources.Secrets, @namespace, name, SecretPatch.Change(certificate, content, before, options.OwnSecrets),
            cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Writes a Secret anew from its own key and certificate, as the specification wants it; false where that changed nothing.
    /// </summary>
    public async Task<bool> RewriteAsync(CertificateState state, string why, CancellationToken cancellationToken)
    {
        var passwords = await PasswordsAsync(state.Certificate, cancellationToken);
        var whole = await ReadAsync(state.Certificate.Metadata.Namespace, state.Spec.SecretName, cancellationToken);
        using var key = KeyIn(whole);
        if (whole is null || key is null
            || SecretContent.ReadOrNone(whole.Data.GetValueOrDefault(WellKnown.CertificateEntry)) is not { Count: > 0 } chain)
            return false;
        if (why == SecretUpkeep.KeystoresReason && Keystores.Wants(state.Spec.Keystores)
            && whole.Metadata.Annotations.GetValueOrDefault(WellKnown.Keystores)
                == Keystores.MarkOf(state.Spec.Keystores, Print.Of(chain[0].Der.Span), passwords, key)
            && !SecretUpkeep.LacksKeystores(state, passwords))
            return false;
        var before = SecretFacts.Of(whole);
        var authority = state.Authority?.Roles;
        var after = await WriteContentAsync(state.Certificate, before, new SecretMaterial
        {
            Passwords = passwords,
            Key = key,
            Chain = authority is not null && state.Authority!.HasSigned(AuthorityId.OfIssuer(chain[0])) ? authority.ChainOf(chain[0]) : chain,
            Authorities = authority?.Trusted ?? SecretContent.ReadOrNone(whole.Data.GetValueOrDefault(WellKnown.CaEntry)),
        }, cancellationToken);
        return after.Metadata.ResourceVersion != before.Metadata.ResourceVersion;
    }

    /// <summary>Deletes a Secret as it was looked at.</summary>
    /// <exception cref="ApiException">409 where it was changed by another meanwhile.</exception>
    public ValueTask DeleteAsync(SecretFacts secret, CancellationToken cancellationToken) =>
        Deletion.OfAsync(client, objects, IssuanceResources.Secrets, secret, cancellationToken);

    private SecretFacts Wrote(SecretFacts secret)
    {
        objects.Wrote(secret);
        return secret;
    }

    private async ValueTask<KeystorePasswords> PasswordsAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        if (!Keystores.Wants(certificate.Spec.Keystores))
            return KeystorePasswords.None;
        var (pkcs12, pkcs12Version) = await PasswordAsync(certificate, certificate.Spec.Keystores?.Pkcs12, cancellationToken);
        var (jks, jksVersion) = await PasswordAsync(certificate, certificate.Spec.Keystores?.Jks, cancellationToken);
        _passwordsRead[certificate.Metadata.Uid] = (pkcs12Version, jksVersion);
        return new(pkcs12, jks);
    }

    /// <summary>Null also where the password is not there (yet): the rest of the Secret does not wait for it.</summary>
    private async ValueTask<(string? Password, string Version)> PasswordAsync(
        CertificateView certificate, KeystoreView? store, CancellationToken cancellationToken)
    {
        if (store is not { Create: true })
            return (null, "");
        if (store.Password is { } password)
            return (password, "");
        if (store.PasswordSecretRef is not { Name.Length: > 0 } reference)
            return (null, "");
        var secret = await ReadAsync(certificate.Metadata.Namespace, reference.Name, cancellationToken);
        return secret?.Data.GetValueOrDefault(reference.Key.Length > 0 ? reference.Key : Keystores.DefaultPasswordKey) is { } bytes
            ? (Encoding.UTF8.GetString(bytes), secret.Metadata.ResourceVersion) : (null, "");
    }
}
