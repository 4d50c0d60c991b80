// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Api.Client;
using Sealock.Controllers.Revocation.Definitions;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.Revocation;

/// <summary>Tells of a certificate of which little is kept whether it is revoked.</summary>
internal sealed class RevokedCertificates
{
    private readonly ConcurrentDictionary<Print, RevocationSpecView> _revoked = new();

    public RevokedCertificates(Informer<RevocationView> revocations) => revocations.OnChange(change =>
    {
        var mark = Print.Of((change.New ?? change.Old)!.Metadata.Name);
        if (change.New is { } present)
            _revoked[mark] = present.Spec;
        else
            _revoked.TryRemove(mark, out _);
        Changed?.Invoke(mark);
    });

    /// <summary>Told which certificate was revoked, released, or revoked for another reason.</summary>
    public event Action<Print>? Changed;

    /// <summary>What revokes a certificate, or null.</summary>
    public RevocationSpecView? Find(Print mark) => mark.IsNone ? null : _revoked.GetValueOrDefault(mark);

    /// <summary>By what a certificate is found: what its revocation would be named. Nothing where it does not name its issuer's key.</summary>
    public static Print MarkOf(Certificate certificate) => certificate.AuthorityKeyIdentifier.Length is > 0 and <= AuthorityKeyId.LongestBytes
        ? Print.Of(RevocationDefinitions.NameOf(Convert.ToHexStringLower(certificate.AuthorityKeyIdentifier.Span), certificate.SerialNumber))
        : default;
}
