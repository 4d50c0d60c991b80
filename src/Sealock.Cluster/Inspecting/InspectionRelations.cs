// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Inspecting;

/// <summary>Who signed whom and which keys belong to which certificates, among all that was found in one run.</summary>
public sealed class InspectionRelations
{
    /// <summary>Signatures that are checked at most: a stranger's files may all bear the same names.</summary>
    private const int MaxChecks = 50_000;

    private static readonly bool[] Both = [true, false];

    private readonly Dictionary<InspectedItem, InspectedItem> signers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<InspectedItem, InspectedSource> sources = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PublicKeyInfo, List<InspectedItem>> byKey = [];

    private InspectionRelations(IReadOnlyList<InspectedSource> all)
    {
        var bySubject = new Dictionary<DistinguishedName, List<InspectedItem>>();
        var distinct = new HashSet<Certificate>();
        foreach (var source in all)
        {
            foreach (var item in source.Items)
            {
                sources[item] = source;
                // A thousand kubeconfigs hold the same CA: it is a candidate once, beside those of one's own source.
                if (item.Content is CertificateContent { Certificate: var certificate } && distinct.Add(certificate))
                    Listed(bySubject, certificate.Subject).Add(item);
                if (KeyOf(item) is { } key)
                    Listed(byKey, key).Add(item);
            }
        }

        var checks = 0;
        foreach (var (item, source) in sources)
        {
            if (item.Content is CertificateContent { Certificate: var certificate })
                FindSigner(item, source, certificate.Issuer, certificate.AuthorityKeyIdentifier, issuer => Signatures.RefuseIssuer(certificate, issuer) is null);
            else if (item.Content is RevocationListContent { List: var list })
                FindSigner(item, source, list.Issuer, list.AuthorityKeyIdentifier, issuer => list.Refuse(issuer) is null);
        }

        void FindSigner(InspectedItem item, InspectedSource source, DistinguishedName issuer, ReadOnlyMemory<byte> keyId, Func<Certificate, bool> signed)
        {
            foreach (var candidate in Nearest(item, source, bySubject.GetValueOrDefault(issuer) ?? [], issuer, keyId))
            {
                if (++checks > MaxChecks)
                    return;
                if (signed(((CertificateContent)candidate.Content).Certificate))
                {
                    signers[item] = candidate.Content.Equals(item.Content) ? item : candidate;
                    return;
                }
            }
        }
    }

    /// <summary>Finds the relations among everything in <paramref name="sources"/>.</summary>
    public static InspectionRelations Among(IReadOnlyList<InspectedSource> sources) => new(sources);

    /// <summary>The certificate that signed this one or this CRL; the item itself where it is self-signed; null where it was not found.</summary>
    public InspectedItem? SignerOf(InspectedItem item) => signers.GetValueOrDefault(item);

    /// <summary>The other items with the same public key.</summary>
    public IEnumerable<InspectedItem> WithSameKey(InspectedItem item) =>
        KeyOf(item) is { } key && byKey.TryGetValue(key, out var same) ? same.Where(other => !ReferenceEquals(other, item)) : [];

    /// <summary>Where an item was found.</summary>
    public InspectedSource SourceOf(InspectedItem item) => sources[item];

    /// <summary>The public key of an item; null where it has none, or it could not be opened.</summary>
    public static PublicKeyInfo? KeyOf(InspectedItem item) => item.Content switch
    {
        CertificateContent certificate => certificate.Certificate.PublicKey,
        RequestContent request => request.Request.PublicKey,
        PublicKeyContent key => key.Key,
        PrivateKeyContent key => key.Key,
        _ => null,
    };

    /// <summary>Certificates of the issuer's name: those of the same entry, of the same source, any; of the key identifier first.</summary>
    private static IEnumerable<InspectedItem> Nearest(
        InspectedItem item, InspectedSource source, IReadOnlyList<InspectedItem> anywhere, DistinguishedName issuer, ReadOnlyMemory<byte> keyId)
    {
        foreach (var inEntry in Both)
        {
            foreach (var candidate in source.Items)
            {
                if (candidate.Entry == item.Entry == inEntry && candidate.Content is CertificateContent { Certificate.Subject: var subject } && subject.Equals(issuer))
                    yield return candidate;
            }
        }

        foreach (var byKeyId in Both)
        {
            foreach (var candidate in anywhere)
            {
                if (((CertificateContent)candidate.Content).Certificate.SubjectKeyIdentifier.Span.SequenceEqual(keyId.Span) == byKeyId)
                    yield return candidate;
            }
        }
    }

    private static List<InspectedItem> Listed<TKey>(Dictionary<TKey, List<InspectedItem>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }
}
