// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Authorities;

/// <summary>
/// Tells by which CA a certificate was issued without verifying anything: by the issuer's name and the identifier of its key,
/// which is what verifiers find issuers by.
/// </summary>
internal static class AuthorityId
{
    /// <summary>What a certificate says of who issued it.</summary>
    public static Print OfIssuer(Certificate issued) => Of(issued.Issuer, issued.AuthorityKeyIdentifier.Span);

    /// <summary>All that certificates issued by a CA may say of it: with its own identifier, with one made of its key, with none.</summary>
    public static ImmutableArray<Print> Of(Certificate authority) =>
    [
        Of(authority.Subject, authority.SubjectKeyIdentifier.Span),
        Of(authority.Subject, authority.PublicKey.ComputeKeyIdentifier()),
        Of(authority.Subject, []),
    ];

    private static Print Of(DistinguishedName name, ReadOnlySpan<byte> key) => Print.Of([.. name.Der.Span, .. key]);
}
