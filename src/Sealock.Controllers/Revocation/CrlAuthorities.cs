// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Controllers.CertificateSigning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.Revocation;

/// <summary>
/// The CAs whose keys this process has, and so whose lists it signs. Whoever gets hold of a CA adds it under a name of
/// its own (<c>Issuer shop/ca</c>), and takes it away when it is gone.
/// </summary>
public sealed class CrlAuthorities
{
    private ImmutableDictionary<string, ISigningAuthority> _sources =
        ImmutableDictionary.Create<string, ISigningAuthority>(StringComparer.Ordinal);

    /// <summary>Told that CAs came or went.</summary>
    public event Action? Changed;

    /// <summary>Adds a CA, or replaces the one that was added under the name.</summary>
    public void Put(string source, CertificateAuthority authority) => Put(source, new FixedAuthority(authority));

    /// <summary>Adds a place where a CA stands, or replaces it. It is asked each time.</summary>
    public void Put(string source, ISigningAuthority authority)
    {
        ImmutableInterlocked.Update(ref _sources, sources => sources.SetItem(source, authority));
        Changed?.Invoke();
    }

    /// <summary>Takes a CA away.</summary>
    public void Remove(string source)
    {
        ImmutableInterlocked.Update(ref _sources, sources => sources.Remove(source));
        Changed?.Invoke();
    }

    /// <summary>The certificates of all CAs there are now.</summary>
    public IEnumerable<Certificate> Certificates => Volatile.Read(ref _sources).Values
        .Select(source => source.Current.Authority?.Certificate).OfType<Certificate>();

    /// <summary>
    /// The CAs there are now, by the identifiers of their keys. Of several certificates for one key the one that lasts
    /// longest counts.
    /// </summary>
    public IReadOnlyDictionary<string, CertificateAuthority> Current => Volatile.Read(ref _sources).Values
        .Select(source => source.Current.Authority).OfType<CertificateAuthority>()
        .GroupBy(authority => AuthorityKeyId.Of(authority.Certificate), StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key, group => group.MaxBy(authority => authority.Certificate.NotAfter)!, StringComparer.Ordinal);
}
