// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>
/// What is asked for, field by field, as prints: of a request that was made, and of a specification as it is now. Tells which
/// fields differ without keeping either.
/// </summary>
internal sealed class RequestPrints
{
    private const int LiteralSubject = 0;
    private const int FirstAttribute = 1;

    private static readonly (string Field, string Oid)[] Attributes =
    [
        ("spec.commonName", NameAttributeTypes.CommonName),
        ("spec.subject.serialNumber", NameAttributeTypes.SubjectSerialNumber),
        ("spec.subject.organizations", NameAttributeTypes.Organization),
        ("spec.subject.countries", NameAttributeTypes.Country),
        ("spec.subject.localities", NameAttributeTypes.Locality),
        ("spec.subject.organizationalUnits", NameAttributeTypes.OrganizationalUnit),
        ("spec.subject.postalCodes", NameAttributeTypes.PostalCode),
        ("spec.subject.provinces", NameAttributeTypes.Province),
        ("spec.subject.streetAddresses", NameAttributeTypes.StreetAddress),
    ];

    private static readonly (string Field, GeneralNameKind Kind)[] NameKinds =
    [
        ("spec.ipAddresses", GeneralNameKind.IpAddress),
        ("spec.uris", GeneralNameKind.Uri),
        ("spec.emailAddresses", GeneralNameKind.Email),
        ("spec.dnsNames", GeneralNameKind.Dns),
        ("spec.otherNames", GeneralNameKind.OtherName),
    ];

    private static readonly int Constraints = FirstAttribute + Attributes.Length + NameKinds.Length;

    private readonly Print[] _prints;

    private RequestPrints(DistinguishedName subject, SubjectAlternativeNames names, NameConstraints? constraints)
    {
        _prints =
        [
            Print.Of(subject.Der.Span),
            .. Attributes.Select(attribute => Print.OfSet(subject.Values(attribute.Oid))),
            .. NameKinds.Select(kind => Print.OfSet(names.Where(name => name.Kind == kind.Kind).Select(name => name.Text))),
            constraints is null ? default : Print.OfSet(
            [
                .. constraints.Permitted.Select(name => $"+{name}"), .. constraints.Excluded.Select(name => $"-{name}"),
            ]),
        ];
    }

    /// <summary>The certified key; nothing for a specification, which has none.</summary>
    public Print Key { get; private init; }

    public static RequestPrints Of(CertificateSigningRequest request) => new(request.Subject, request.Names, request.NameConstraints)
    {
        Key = Print.Of(request.PublicKey.Der.Span),
    };

    /// <exception cref="PkiFormatException">The specification asks for what cannot be encoded.</exception>
    public static RequestPrints Of(CertificateSpecView spec)
    {
        var contents = RequestedContents.Of(spec);
        return new(contents.Subject, contents.Names, contents.Constraints);
    }

    /// <summary>The fields of a specification in which a request differs from it.</summary>
    /// <exception cref="PkiFormatException">The specification asks for what cannot be encoded.</exception>
    public IEnumerable<string> DifferencesFrom(CertificateSpecView spec)
    {
        var wanted = Of(spec);
        if (spec.LiteralSubject.Length > 0)
        {
            if (_prints[LiteralSubject] != wanted._prints[LiteralSubject])
                yield return "spec.literalSubject";
        }
        else
        {
            for (var i = 0; i < Attributes.Length; i++)
            {
                if (_prints[FirstAttribute + i] != wanted._prints[FirstAttribute + i])
                    yield return Attributes[i].Field;
            }
        }

        var names = FirstAttribute + Attributes.Length;
        for (var i = 0; i < NameKinds.Length; i++)
        {
            if (_prints[names + i] != wanted._prints[names + i])
                yield return NameKinds[i].Field;
        }

        if (_prints[Constraints] != wanted._prints[Constraints])
            yield return "spec.nameConstraints";
    }
}
