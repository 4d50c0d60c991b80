// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>What a Certificate's specification asks to be certified, beside the key.</summary>
internal sealed record RequestedContents(
    DistinguishedName Subject, SubjectAlternativeNames Names, CertificateUsages Usages, NameConstraints? Constraints)
{
    private static readonly string[] DefaultUsages = ["digital signature", "key encipherment"];

    /// <exception cref="PkiFormatException">The specification asks for what cannot be encoded; the message says what.</exception>
    public static RequestedContents Of(CertificateSpecView spec) =>
        new(SubjectOf(spec), NamesOf(spec), UsagesOf(spec.Usages, spec.IsCa), ConstraintsOf(spec.NameConstraints));

    /// <summary>The usages of a list as cert-manager reads it: none means signatures and key encipherment, a CA also signs.</summary>
    /// <exception cref="PkiFormatException">A usage is not known.</exception>
    public static CertificateUsages UsagesOf(IReadOnlyList<string> usages, bool isCa) =>
        CertificateUsages.FromNames([.. usages.Count == 0 ? DefaultUsages : usages, .. isCa ? (string[])["cert sign"] : []]);

    private static DistinguishedName SubjectOf(CertificateSpecView spec)
    {
        if (spec.LiteralSubject.Length > 0)
            return DistinguishedName.ParseText(spec.LiteralSubject);
        var subject = spec.Subject ?? new SubjectView();
        // In the order, and with several values in one set, as Go writes its names and so cert-manager.
        (string Oid, IReadOnlyList<string> Values)[] parts =
        [
            (NameAttributeTypes.Country, subject.Countries),
            (NameAttributeTypes.Organization, subject.Organizations),
            (NameAttributeTypes.OrganizationalUnit, subject.OrganizationalUnits),
            (NameAttributeTypes.Locality, subject.Localities),
            (NameAttributeTypes.Province, subject.Provinces),
            (NameAttributeTypes.StreetAddress, subject.StreetAddresses),
            (NameAttributeTypes.PostalCode, subject.PostalCodes),
            (NameAttributeTypes.CommonName, spec.CommonName.Length > 0 ? [spec.CommonName] : []),
            (NameAttributeTypes.SubjectSerialNumber, subject.SerialNumber.Length > 0 ? [subject.SerialNumber] : []),
        ];
        return DistinguishedName.Create(
        [
            .. parts.Where(part => part.Values.Count > 0)
                .Select(part => (IReadOnlyList<NameAttribute>)[.. part.Values.Select(value => new NameAttribute(part.Oid, value))]),
        ]);
    }

    private static SubjectAlternativeNames NamesOf(CertificateSpecView spec) => new(
    [
        .. spec.DnsNames.Select(GeneralName.Dns),
        .. spec.IpAddresses.Select(text => IPAddress.TryParse(text, out var address)
            ? GeneralName.Ip(address) : throw new PkiFormatException($"expected an IP address, got '{text}'")),
        .. spec.Uris.Select(GeneralName.Uri),
        .. spec.EmailAddresses.Select(GeneralName.Email),
        .. spec.OtherNames.Select(name => GeneralName.OtherName(name.Oid, name.Utf8Value)),
    ]);

    private static NameConstraints? ConstraintsOf(NameConstraintsView? view)
    {
        if (view is null)
            return null;
        var constraints = new NameConstraints { Permitted = Subtrees(view.Permitted), Excluded = Subtrees(view.Excluded) };
        return constraints.Permitted.Count + constraints.Excluded.Count == 0 ? null : constraints;
    }

    private static IReadOnlyList<GeneralName> Subtrees(NameSubtreesView? view) => view is null
        ? []
        :
        [
            .. view.DnsDomains.Select(NameConstraints.DnsSubtree),
            .. view.IpRanges.Select(NameConstraints.IpSubtree),
            .. view.EmailAddresses.Select(NameConstraints.EmailSubtree),
            .. view.UriDomains.Select(NameConstraints.UriSubtree),
        ];
}
