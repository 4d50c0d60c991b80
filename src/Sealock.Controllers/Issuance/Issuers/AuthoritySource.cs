// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text;
using Sealock.Api.Client;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>A CA as its Secret has it; without an authority, why there is none.</summary>
internal sealed record FoundAuthority(string Version, CertificateAuthority? Authority, string Reason, string Problem)
{
    /// <summary>PEM of what stands between the leaf and the root; empty where the CA is the root.</summary>
    public string IntermediatesPem { get; init; } = "";

    /// <summary>PEM of the CAs to trust: the Secret's <c>ca.crt</c> (several during a rotation), else the topmost that is known.</summary>
    public string AuthoritiesPem { get; init; } = "";

    /// <summary>Whether a change of the Secret is told, so that nobody needs to look.</summary>
    public bool IsFollowed { get; init; }
}

/// <summary>
/// The CAs in Secrets, each parsed once for a version of its Secret. Secrets that carry the label for attention are followed;
/// others are read again when they are needed and some seconds have passed. Where revocation lists are kept, each CA gets
/// one.
/// </summary>
internal sealed class AuthoritySource(ApiClient client, IssuanceObjects objects, TimeProvider time, CrlAuthorities? listed = null)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Namespace, string Name), (FoundAuthority Found, DateTimeOffset ReadAt)> _known = new();

    /// <summary>Whether revocation lists of the CAs are kept.</summary>
    public bool KeepsLists => listed is not null;

    /// <summary>The Certificates that name a Secret.</summary>
    public IReadOnlyList<CertificateView> CertificatesOf(string @namespace, string name) => objects.CertificatesOf(@namespace, name);

    public async ValueTask<FoundAuthority> FindAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
            return new("", null, "ErrGetKeyPair", "spec.ca.secretName names no Secret");
        var followed = objects.Secret(@namespace, name);
        var isKnown = _known.TryGetValue((@namespace, name), out var known);
        var now = time.GetUtcNow();
        if (isKnown && (followed is not null ? followed.Metadata.ResourceVersion == known.Found.Version : now - known.ReadAt is { Ticks: >= 0 } age && age < Fresh))
            return known.Found;
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, name, cancellationToken);
        var version = secret?.Metadata.ResourceVersion ?? "";
        var found = isKnown && version.Length > 0 && known.Found.Version == version
            ? known.Found
            : Read(@namespace, name, secret);
        if (!isKnown || known.Found.Authority != found.Authority)
            List(@namespace, name, found.Authority);
        found = found with { IsFollowed = followed is not null };
        _known[(@namespace, name)] = (found, now);
        return found;
    }

    /// <summary>Forgets what was read of a Secret: no issuer names it any more, or it is gone.</summary>
    public void Forget(string @namespace, string name)
    {
        if (_known.TryRemove((@namespace, name), out _))
            List(@namespace, name, null);
    }

    private void List(string @namespace, string name, CertificateAuthority? authority)
    {
        if (authority is null)
            listed?.Remove($"Secret {@namespace}/{name}");
        else
            listed?.Put($"Secret {@namespace}/{name}", authority);
    }

    private static FoundAuthority Read(string @namespace, string name, SecretView? secret)
    {
        if (secret is null)
            return new("", null, "ErrGetKeyPair", $"the Secret {@namespace}/{name} of the CA does not exist");
        var version = secret.Metadata.ResourceVersion;
        if (secret.Data.GetValueOrDefault(WellKnown.CertificateEntry) is not { Length: > 0 } certificate
            || secret.Data.GetValueOrDefault(WellKnown.KeyEntry) is not { Length: > 0 } key)
        {
            return new(version, null, "ErrGetKeyPair", $"the Secret {@namespace}/{name} of the CA lacks tls.crt or tls.key");
        }

        if (secret.Metadata.Annotations.ContainsKey(WellKnown.Temporary))
            return new(version, null, "ErrInvalidKeyPair", $"the Secret {@namespace}/{name} holds a temporary certificate only");
        try
        {
            var authority = CertificateAuthority.FromPem(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
            var trusted = SecretContent.ReadOrNone(secret.Data.GetValueOrDefault(WellKnown.CaEntry));
            return new(version, authority, "", "")
            {
                IntermediatesPem = Certificate.ToPem(authority.Chain.Where(ca => !ca.IsSelfIssued)),
                AuthoritiesPem = Certificate.ToPem(trusted.Count > 0 ? trusted : [authority.Chain[^1]]),
            };
        }
        catch (PkiFormatException fault)
        {
            return new(version, null, "ErrInvalidKeyPair", $"the CA in the Secret {@namespace}/{name} cannot be used: {fault.Message}");
        }
    }
}
